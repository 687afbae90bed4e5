using System.Buffers;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// Copies of the distributed cache in <see cref="CacheFormat.Own"/>: how their bytes are made and judged, and what a shard's answers mean. Sends nothing itself, so that
/// synchronous and asynchronous calls share it.
/// </summary>
internal sealed class DistributedCopies(VersionedCacheOptions options, Nonces nonces)
{
    private static readonly RedisValue Magic = CopyHeader.Magic.ToArray();

    /// <summary>The key on the shards.</summary>
    public RedisKey KeyOf(string key) => options.KeyPrefix + key;

    /// <summary>The arguments of <see cref="OwnScripts.Set"/>.</summary>
    /// <exception cref="RingKeeperException">The value is too large.</exception>
    public RedisValue[] ToWrite(in ShardRoute route, ReadOnlySequence<byte> value, DistributedLife life, DateTimeOffset now)
    {
        if (value.Length > options.MaxValueBytes)
        {
            throw new RingKeeperException($"The value has {value.Length} bytes; {nameof(VersionedCacheOptions.MaxValueBytes)} is {options.MaxValueBytes}. Raise it, or store less.");
        }

        var window = life.Sliding is { } sliding ? (uint)Math.Ceiling(sliding.TotalMilliseconds) : 0;
        var end = window != 0 && life.Absolute is { } absolute ? (now + absolute).ToUnixTimeMilliseconds() : 0;
        var header = new CopyHeader(CopyKind.Value, route.ValidSince, Stamps.Now(options.TimeProvider), nonces.Next(), window, end);
        var copy = new byte[header.Length + value.Length];
        header.WriteTo(copy);
        value.CopyTo(copy.AsSpan(header.Length));
        return [copy, life.Milliseconds is { } milliseconds ? milliseconds : RedisValue.EmptyString];
    }

    /// <summary>The arguments of <see cref="DistributedScripts.Touch"/>.</summary>
    public RedisValue[] ToTouch() => [Magic, options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds()];

    /// <summary>Whether a write is done; false if the copy there was written under a later view than this client has.</summary>
    /// <exception cref="RingKeeperException">What is there was written by no cache.</exception>
    public static bool IsDone(in ShardRoute route, RedisResult reply)
    {
        if (reply.Resp2Type == ResultType.BulkString)
        {
            return true;
        }

        return (int)reply switch
        {
            1 => true,
            -1 => false,
            -3 => throw new RingKeeperException($"What shard {route.Shard.Addr} holds under this key was written by no cache; it was left alone. Choose another key or prefix."),
            _ => throw new RingKeeperException($"Shard {route.Shard.Addr} answered a write of the cache with {reply}, which the script never gives."),
        };
    }

    /// <summary>Whether a copy that was read is valid.</summary>
    /// <param name="route">The route it was read through.</param>
    /// <param name="key">Its key on the shards.</param>
    /// <param name="before">The run that the connection reached before it was read.</param>
    /// <param name="copy">The bytes.</param>
    /// <param name="header">What it begins with.</param>
    public bool IsValid(in ShardRoute route, in RedisKey key, ShardRun? before, ReadOnlySpan<byte> copy, out CopyHeader header) =>
        CopyHeader.TryRead(copy, out header)
        && header.Kind == CopyKind.Value
        && !route.ReadsAreMisses
        && (route.Origin?.IsViewsRun(before) ?? true)
        && route.IsValid(key, header.Epoch, options.RoutePolicy);

    /// <summary>Whether an error says that what is there is no text, such as a copy in the format of the Go package.</summary>
    public static bool IsOtherType(RedisServerException error) => error.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal);

    /// <summary>Whether an error of a read says that the shard cannot be reached.</summary>
    public static bool IsAway(Exception error) =>
        error is RedisConnectionException or TimeoutException or NoShardAvailableException or ShardNotReadyException;
}
