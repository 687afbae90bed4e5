namespace RingKeeper.ZooKeeper.Embedded.InProcess;

/// <summary>Bytes on their way from one writer to one reader, in memory. A writer that is too far ahead waits, as over TCP.</summary>
internal sealed class BytePipe(int capacity)
{
    private readonly Lock _gate = new();

    // Written and not yet read: _count bytes from _start on, around the end. Grows up to the capacity: most connections are idle.
    private byte[] _buffer = new byte[256];
    private int _start;
    private int _count;
    private bool _isEnded;
    private bool _isClosed;
    private TaskCompletionSource? _change;

    /// <summary>Reads what is there; 0 when the writer has ended and all is read.</summary>
    /// <exception cref="IOException">This side was closed.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            lock (_gate)
            {
                if (_isClosed)
                {
                    throw Closed();
                }

                if (_count > 0 || _isEnded || target.IsEmpty)
                {
                    return Take(target.Span);
                }

                change = NextChange();
            }

            await change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <exception cref="IOException">Either side is closed.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            Task change;
            lock (_gate)
            {
                if (_isClosed || _isEnded)
                {
                    throw Closed();
                }

                source = source[Put(source.Span)..];
                if (source.IsEmpty)
                {
                    return;
                }

                change = NextChange();
            }

            await change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>No more is written; what is there may still be read.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isEnded = true;
            Tell();
        }
    }

    /// <summary>Nobody reads any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            (_count, _buffer) = (0, []);
            Tell();
        }
    }

    private static IOException Closed() => new("The connection inside this process was closed.");

    private int Take(Span<byte> target)
    {
        var taken = Math.Min(target.Length, _count);
        var first = Math.Min(taken, _buffer.Length - _start);
        _buffer.AsSpan(_start, first).CopyTo(target);
        _buffer.AsSpan(0, taken - first).CopyTo(target[first..]);
        _count -= taken;
        _start = _count == 0 ? 0 : (_start + taken) % _buffer.Length;
        Tell();
        return taken;
    }

    private int Put(ReadOnlySpan<byte> source)
    {
        var put = Math.Min(source.Length, capacity - _count);
        if (_buffer.Length < _count + put)
        {
            Grow(_count + put);
        }

        var end = (_start + _count) % _buffer.Length;
        var first = Math.Min(put, _buffer.Length - end);
        source[..first].CopyTo(_buffer.AsSpan(end));
        source[first..put].CopyTo(_buffer);
        _count += put;
        Tell();
        return put;
    }

    private void Grow(int needed)
    {
        var larger = new byte[Math.Min(capacity, Math.Max(needed, _buffer.Length * 2))];
        var first = Math.Min(_count, _buffer.Length - _start);
        _buffer.AsSpan(_start, first).CopyTo(larger);
        _buffer.AsSpan(0, _count - first).CopyTo(larger.AsSpan(first));
        (_buffer, _start) = (larger, 0);
    }

    private Task NextChange() => (_change ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void Tell()
    {
        _change?.SetResult();
        _change = null;
    }
}
