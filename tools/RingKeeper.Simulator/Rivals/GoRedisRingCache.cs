using RingKeeper.Simulator.Caches;

namespace RingKeeper.Simulator.Rivals;

/// <summary>go-redis Ring: a PING to each shard every 500 ms; three in a row without an answer take it out, one answer puts it back.</summary>
internal sealed class GoRedisRingCache : PlainCache
{
    private const int Patience = 3;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, int> _missed = new(StringComparer.Ordinal);

    public GoRedisRingCache(CacheWorld world, SimulatedClient client, IReadOnlyDictionary<string, ShardLink> links)
        : base(world, client, links)
    {
        foreach (var addr in links.Keys)
        {
            Ping(addr);
        }
    }

    protected override bool IsOut(string addr) => _missed.GetValueOrDefault(addr) >= Patience;

    protected override void Note(string addr, bool isGood)
    {
        // Requests tell it nothing.
    }

    private void Ping(string addr)
    {
        _ = PingAsync(addr);
        Client.Process.After(Heartbeat, () => Ping(addr));
    }

    private async Task PingAsync(string addr)
    {
        CacheOperation.Current = null;
        try
        {
            await Links[addr].SendAsync(static _ => true).ConfigureAwait(false);
            _missed[addr] = 0;
        }
        catch (Exception e) when (e is StackExchange.Redis.RedisException or TimeoutException)
        {
            _missed[addr] = _missed.GetValueOrDefault(addr) + 1;
        }
    }
}
