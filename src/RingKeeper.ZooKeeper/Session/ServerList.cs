namespace RingKeeper.ZooKeeper.Session;

/// <summary>The servers in an order shuffled once, so that clients spread, then taken in turn. Not for concurrent use.</summary>
internal sealed class ServerList
{
    private readonly ServerAddress[] _servers;
    private int _next;

    public ServerList(IReadOnlyList<ServerAddress> servers, Random random)
    {
        _servers = [.. servers];
        random.Shuffle(_servers);
    }

    public int Count => _servers.Length;

    /// <summary>Makes a server the next one.</summary>
    public void Prefer(ServerAddress server) => _next = Math.Max(0, Array.IndexOf(_servers, server));

    public IReadOnlyList<ServerAddress> All => _servers;

    public ServerAddress Next()
    {
        var server = _servers[_next];
        _next = (_next + 1) % _servers.Length;
        return server;
    }
}
