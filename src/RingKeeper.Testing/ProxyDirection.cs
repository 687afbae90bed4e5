namespace RingKeeper.Testing;

/// <summary>One way through a <see cref="TcpProxy"/>: its gate, its manner, how many bytes went through, and after how many more a connection ends.</summary>
internal sealed class ProxyDirection
{
    private readonly Lock _lock = new();
    private volatile ProxyManner _manner = ProxyManner.Plain;
    private long _bytes;

    // Null unless a connection is to be ended; then what may still pass.
    private long? _left;
    private ProxyEnd _end;
    private TaskCompletionSource? _ended;

    public ProxyGate Gate { get; } = new();

    public long Bytes => Volatile.Read(ref _bytes);

    public ProxyManner Manner
    {
        get => _manner;
        set => _manner = value;
    }

    public void Add(int count) => Interlocked.Add(ref _bytes, count);

    /// <summary>Lets so many more bytes pass and has the connection ended that carries the last of them. Completes when it is.</summary>
    public Task EndAfter(long bytes, ProxyEnd end)
    {
        lock (_lock)
        {
            (_left, _end) = (bytes, end);
            return (_ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Ends no connection any more.</summary>
    public void Forgive()
    {
        lock (_lock)
        {
            _left = null;
            _ended?.TrySetCanceled();
        }
    }

    /// <summary>Tells how many of these bytes may pass, and how the connection then ends if it does.</summary>
    public (int Count, ProxyEnd? End) Allow(int count)
    {
        lock (_lock)
        {
            if (_left is not { } left)
            {
                return (count, null);
            }

            if (count < left)
            {
                _left = left - count;
                return (count, null);
            }

            _left = null;
            _ended!.SetResult();
            return ((int)left, _end);
        }
    }
}
