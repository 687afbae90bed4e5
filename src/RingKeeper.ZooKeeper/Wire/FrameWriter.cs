using System.Buffers.Binary;
using System.Text;

namespace RingKeeper.ZooKeeper.Wire;

/// <summary>Writes jute primitives into a growing buffer, one frame after the other. Not for concurrent use.</summary>
internal sealed class FrameWriter(int capacity = 1024)
{
    private byte[] _buffer = new byte[capacity];
    private int _length;
    private int _frameStart = -1;

    /// <summary>Everything written since the last <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public int Length => _length;

    public void Clear()
    {
        _length = 0;
        _frameStart = -1;
    }

    /// <summary>Begins a frame: leaves room for its length.</summary>
    public void BeginFrame()
    {
        _frameStart = _length;
        Reserve(4);
    }

    /// <summary>Ends the frame: writes its length. Returns that length.</summary>
    public int EndFrame()
    {
        var length = _length - _frameStart - 4;
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(_frameStart, 4), length);
        _frameStart = -1;
        return length;
    }

    /// <summary>Takes the frame that was begun back out.</summary>
    public void AbandonFrame()
    {
        _length = _frameStart;
        _frameStart = -1;
    }

    public void WriteByte(byte value) => Reserve(1)[0] = value;

    public void WriteBool(bool value) => WriteByte(value ? (byte)1 : (byte)0);

    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Reserve(4), value);

    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Reserve(8), value);

    public void WriteString(string? value)
    {
        if (value is null)
        {
            WriteInt32(-1);
            return;
        }

        var count = Encoding.UTF8.GetByteCount(value);
        WriteInt32(count);
        Encoding.UTF8.GetBytes(value, Reserve(count));
    }

    public void WriteBuffer(ReadOnlySpan<byte> value)
    {
        WriteInt32(value.Length);
        value.CopyTo(Reserve(value.Length));
    }

    /// <summary>Appends bytes that are encoded already.</summary>
    public void WriteRaw(ReadOnlySpan<byte> value) => value.CopyTo(Reserve(value.Length));

    public void WriteNullBuffer() => WriteInt32(-1);

    public void WriteStrings(IReadOnlyCollection<string> values)
    {
        WriteInt32(values.Count);
        foreach (var value in values)
        {
            WriteString(value);
        }
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        }

        var span = _buffer.AsSpan(_length, count);
        _length += count;
        return span;
    }
}
