using System.Buffers.Binary;
using RingKeeper.Simulator.Caches;

namespace RingKeeper.Simulator.Rivals;

/// <summary>
/// The Go package: reads the shards once, follows the status, and takes a copy whose serial, the writer's clock in µs, is above the Since of the shard that serves
/// it. A write is refused where a later serial is there.
/// </summary>
internal sealed class GoPackageCache(CacheWorld world, SimulatedClient client, IReadOnlyDictionary<string, ShardLink> links) : IRivalCache
{
    private const int SerialLength = 8;

    public string? AddrOf(byte[] key) => Route(key)?.Addr;

    public async Task<byte[]?> GetAsync(byte[] key, CacheOperation operation)
    {
        var status = Route(key) ?? throw new NoShardAvailableException("No shard is available for the key.");
        operation.Addr = status.Addr;
        var copy = await links[status.Addr].SendAsync(redis => redis.Read(key)).ConfigureAwait(false);
        return copy is not null && BinaryPrimitives.ReadInt64BigEndian(copy) > status.Since ? copy[SerialLength..] : null;
    }

    public async Task SetAsync(byte[] key, byte[] value, CacheOperation operation)
    {
        var status = Route(key) ?? throw new NoShardAvailableException("No shard is available for the key.");
        operation.Addr = status.Addr;
        var copy = new byte[SerialLength + value.Length];
        BinaryPrimitives.WriteInt64BigEndian(copy, Stamps.Now(client.Clock));
        value.CopyTo(copy, SerialLength);
        var isDone = await links[status.Addr].SendAsync(redis =>
        {
            var before = redis.Read(key);
            return (before is null || BinaryPrimitives.ReadInt64BigEndian(before) <= BinaryPrimitives.ReadInt64BigEndian(copy)) && redis.Set(key, copy);
        }).ConfigureAwait(false);
        if (!isDone)
        {
            throw new StaleViewException("Set operation failed by constraint.");
        }
    }

    private ShardStatus? Route(byte[] key)
    {
        if (client.View is not { } view || world.FirstRing is not { } ring)
        {
            return null;
        }

        Span<int> order = stackalloc int[ring.Shards.Count];
        foreach (var shard in order[..ring.GetOrder(key, order)])
        {
            if (view.Statuses.GetValueOrDefault(ring.ShardAt(shard).Addr) is not { } status)
            {
                return null;
            }

            if (status.Alive)
            {
                return status;
            }
        }

        return null;
    }
}
