using RingKeeper.Simulator.Caches;

namespace RingKeeper.Simulator.Rivals;

/// <summary>Clients that find out by themselves which of the shards they were started with to leave out, and whose copies carry nothing.</summary>
internal abstract class PlainCache(CacheWorld world, SimulatedClient client, IReadOnlyDictionary<string, ShardLink> links) : IRivalCache
{
    protected IReadOnlyDictionary<string, ShardLink> Links => links;

    protected SimulatedClient Client => client;

    public string? AddrOf(byte[] key)
    {
        if (world.FirstRing is not { } ring)
        {
            return null;
        }

        Span<int> order = stackalloc int[ring.Shards.Count];
        foreach (var shard in order[..ring.GetOrder(key, order)])
        {
            if (!IsOut(ring.ShardAt(shard).Addr))
            {
                return ring.ShardAt(shard).Addr;
            }
        }

        return null;
    }

    public async Task<byte[]?> GetAsync(byte[] key, CacheOperation operation) => await SendAsync(key, operation, redis => redis.Read(key)).ConfigureAwait(false);

    public async Task SetAsync(byte[] key, byte[] value, CacheOperation operation) => await SendAsync(key, operation, redis => redis.Set(key, value)).ConfigureAwait(false);

    protected abstract bool IsOut(string addr);

    /// <summary>Hears what came of a request.</summary>
    protected abstract void Note(string addr, bool isGood);

    private async Task<T> SendAsync<T>(byte[] key, CacheOperation operation, Func<SimulatedRedis, T> execute)
    {
        var addr = AddrOf(key) ?? throw new NoShardAvailableException("All shards are left out.");
        operation.Addr = addr;
        try
        {
            var result = await links[addr].SendAsync(execute).ConfigureAwait(false);
            Note(addr, isGood: true);
            return result;
        }
        catch (Exception e) when (e is StackExchange.Redis.RedisException or TimeoutException)
        {
            Note(addr, isGood: false);
            throw;
        }
    }
}
