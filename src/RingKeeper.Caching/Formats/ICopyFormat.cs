using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// A layout of copies on a shard: the commands that read and write it, and how a copy is judged by the route it was read through. Everything
/// that happens between shards, and all that callers see, is the cache's.
/// </summary>
internal interface ICopyFormat
{
    /// <summary>Whether texts go through the serializer as other values do; otherwise they are stored as they are.</summary>
    bool SerializesTexts { get; }

    /// <summary>The key on the shards, by which it is placed on the ring too.</summary>
    RedisKey KeyOf(in RedisKey key);

    /// <summary>Reads one copy.</summary>
    ValueTask<Copy> ReadAsync(ShardRoute route, RedisKey key);

    /// <summary>Reads copies of keys that one shard serves, in as few commands as it takes; the routes are those of the keys, in their order.</summary>
    Task<Copy[]> ReadManyAsync(IReadOnlyList<ShardRoute> routes, RedisKey[] keys);

    /// <summary>Writes a copy, unless the writer's view is older than what is there.</summary>
    ValueTask<WriteResult> WriteAsync(ShardRoute route, RedisKey key, ReadOnlyMemory<byte> payload, CacheExpiry expiry);

    /// <summary>Writes a copy if what is there is what the token names; with <see cref="CacheToken.None"/>, if a read would miss.</summary>
    ValueTask<WriteResult> CheckAndWriteAsync(ShardRoute route, RedisKey key, ReadOnlyMemory<byte> payload, CacheExpiry expiry, CacheToken token);

    /// <summary>Removes a copy; tells whether there was one that a read would have found, as far as the format can tell.</summary>
    ValueTask<bool> RemoveAsync(ShardRoute route, RedisKey key);
}
