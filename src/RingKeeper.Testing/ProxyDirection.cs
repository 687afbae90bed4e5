namespace RingKeeper.Testing;

/// <summary>One way through a <see cref="TcpProxy"/>: its gate and how many bytes went through.</summary>
internal sealed class ProxyDirection
{
    private long _bytes;

    public ProxyGate Gate { get; } = new();

    public long Bytes => Volatile.Read(ref _bytes);

    public void Add(int count) => Interlocked.Add(ref _bytes, count);
}
