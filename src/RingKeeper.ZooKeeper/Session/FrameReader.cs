using System.Buffers.Binary;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>Cuts the bytes of a stream into frames. Not for concurrent use.</summary>
internal sealed class FrameReader(Stream stream, int maxFrameLength)
{
    private const int InitialCapacity = 16 * 1024;

    // Received and not yet taken: _buffer[_start.._end].
    private byte[] _buffer = new byte[InitialCapacity];
    private int _start;
    private int _end;

    /// <summary>Takes the next complete frame; it is valid until more bytes are received.</summary>
    /// <exception cref="ProtocolViolationException">The frame is longer than allowed.</exception>
    public bool TryTake(out ReadOnlySpan<byte> frame)
    {
        frame = default;
        if (_end - _start < sizeof(int))
        {
            return false;
        }

        var length = PendingLength();
        if (_end - _start - sizeof(int) < length)
        {
            return false;
        }

        frame = _buffer.AsSpan(_start + sizeof(int), length);
        _start += sizeof(int) + length;
        return true;
    }

    /// <summary>Waits for more bytes; false when the other side has closed.</summary>
    public async ValueTask<bool> ReceiveAsync(CancellationToken cancellationToken)
    {
        var count = await stream.ReadAsync(PrepareReceive(), cancellationToken).ConfigureAwait(false);
        Received(count);
        return count > 0;
    }

    /// <summary>Where the next bytes have to be put.</summary>
    public Memory<byte> PrepareReceive()
    {
        MakeRoom();
        return _buffer.AsMemory(_end);
    }

    /// <summary>So many bytes were put there.</summary>
    public void Received(int count) => _end += count;

    private void MakeRoom()
    {
        var rest = _end - _start;
        var needed = rest < sizeof(int) ? InitialCapacity : Math.Max(InitialCapacity, sizeof(int) + PendingLength());

        // One large reply should not hold its buffer for the life of the connection.
        var target = needed > _buffer.Length || needed < _buffer.Length / 4 ? new byte[needed] : _buffer;
        _buffer.AsSpan(_start, rest).CopyTo(target);
        _buffer = target;
        (_start, _end) = (0, rest);
    }

    private int PendingLength()
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));
        return length >= 0 && length <= maxFrameLength
            ? length
            : throw new ProtocolViolationException(
                $"The server sent a frame of {length} bytes; at most {maxFrameLength} are accepted. Raise MaxFrameLength, or keep fewer children or less data in one znode.");
    }
}
