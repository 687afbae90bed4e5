using System.Buffers.Binary;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>RingKeeper's own format: a string with a <see cref="CopyHeader"/>, valid while its epoch is not below the reader's.</summary>
internal sealed class OwnFormat(VersionedCacheOptions options, Nonces nonces) : ICopyFormat
{
    private readonly RedisKey _prefix = options.KeyPrefix;

    public RedisKey KeyOf(in RedisKey key) => options.KeyPrefix.Length == 0 ? key : _prefix.Append(key);

    public async ValueTask<Copy> ReadAsync(ShardRoute route, RedisKey key)
    {
        var before = route.Origin?.Run;
        var value = await route.Database.StringGetAsync(key).ConfigureAwait(false);
        return Judge(route, key, before, value);
    }

    public async Task<Copy[]> ReadManyAsync(IReadOnlyList<ShardRoute> routes, RedisKey[] keys)
    {
        var before = routes[0].Origin?.Run;
        var values = await routes[0].Database.StringGetAsync(keys).ConfigureAwait(false);
        var copies = new Copy[keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            copies[i] = Judge(routes[i], keys[i], before, values[i]);
        }

        return copies;
    }

    public ValueTask<WriteResult> WriteAsync(ShardRoute route, RedisKey key, ReadOnlyMemory<byte> payload, CacheExpiry expiry) =>
        RunAsync(route, key, OwnScripts.Set, HeaderOf(route, expiry), payload, expiry, []);

    public ValueTask<WriteResult> CheckAndWriteAsync(ShardRoute route, RedisKey key, ReadOnlyMemory<byte> payload, CacheExpiry expiry, CacheToken token)
    {
        if (!token.IsNone && token.Addr != route.Shard.Addr)
        {
            // The copy that it names lies on another shard, which does not serve the key now.
            return new ValueTask<WriteResult>(new WriteResult(WriteOutcome.Changed));
        }

        var least = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(least, KeyRouting.ExactEpochOf(route, key, options.RoutePolicy));
        if (!token.IsNone && !route.IsValid(key, token.Epoch, options.RoutePolicy))
        {
            return new ValueTask<WriteResult>(new WriteResult(WriteOutcome.Changed));
        }

        return RunAsync(route, key, OwnScripts.CheckAndSet, HeaderOf(route, expiry), payload, expiry, [token.IsNone ? RedisValue.EmptyString : Bytes(token), least]);
    }

    public async ValueTask<bool> RemoveAsync(ShardRoute route, RedisKey key) => await route.Database.KeyDeleteAsync(key).ConfigureAwait(false);

    private static byte[] Bytes(CacheToken token)
    {
        var bytes = new byte[20];
        BinaryPrimitives.WriteInt64BigEndian(bytes, token.Epoch);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(8), token.Version);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(16), token.Nonce);
        return bytes;
    }

    private Copy Judge(in ShardRoute route, RedisKey key, ShardRun? before, RedisValue value)
    {
        if (value.IsNull)
        {
            return new Copy(CopyState.Absent);
        }

        ReadOnlyMemory<byte> bytes = value;
        if (!CopyHeader.TryRead(bytes.Span, out var header))
        {
            return new Copy(CopyState.Foreign);
        }

        if (header.Kind != CopyKind.Value)
        {
            return new Copy(CopyState.Deleted);
        }

        if (route.ReadsAreMisses || !(route.Origin?.IsViewsRun(before) ?? true) || !route.IsValid(key, header.Epoch, options.RoutePolicy))
        {
            return new Copy(CopyState.Stale);
        }

        return new Copy(CopyState.Valid, bytes[header.Length..], new CacheToken(route.Shard.Addr, header.Epoch, header.Version, header.Nonce))
        {
            Sliding = header.SlidingMilliseconds == 0 ? null : TimeSpan.FromMilliseconds(header.SlidingMilliseconds),
            AbsoluteEnd = header.AbsoluteEnd,
        };
    }

    private CopyHeader HeaderOf(in ShardRoute route, CacheExpiry expiry)
    {
        var now = options.TimeProvider.GetUtcNow();
        var sliding = expiry.Sliding is { } window ? (uint)window.TotalMilliseconds : 0;
        var end = sliding != 0 && expiry.Absolute is { } life ? (now + life).ToUnixTimeMilliseconds() : 0;
        return new CopyHeader(CopyKind.Value, route.ValidSince, Stamps.Now(options.TimeProvider), nonces.Next(), sliding, end);
    }

    private static async ValueTask<WriteResult> RunAsync(
        ShardRoute route, RedisKey key, string script, CopyHeader header, ReadOnlyMemory<byte> payload, CacheExpiry expiry, RedisValue[] more)
    {
        var copy = new byte[header.Length + payload.Length];
        header.WriteTo(copy);
        payload.CopyTo(copy.AsMemory(header.Length));
        var life = Shorter(expiry.Absolute, expiry.Sliding);
        RedisValue milliseconds = life is { } time ? (long)Math.Ceiling(time.TotalMilliseconds) : RedisValue.EmptyString;
        var reply = await route.Database.ScriptEvaluateAsync(script, [key], [copy, milliseconds, .. more]).ConfigureAwait(false);
        if (reply.Resp2Type == ResultType.BulkString)
        {
            return new WriteResult(WriteOutcome.Done, new CacheToken(route.Shard.Addr, header.Epoch, BinaryPrimitives.ReadInt64BigEndian((byte[])reply!), header.Nonce));
        }

        return (int)reply switch
        {
            1 => new WriteResult(WriteOutcome.Done, new CacheToken(route.Shard.Addr, header.Epoch, header.Version, header.Nonce)),
            -1 => new WriteResult(WriteOutcome.StaleView),
            -2 => new WriteResult(WriteOutcome.Changed),
            -3 => new WriteResult(WriteOutcome.Foreign),
            _ => throw new RingKeeperException($"Shard {route.Shard.Addr} answered a write of the cache with {reply}, which the script never gives."),
        };
    }

    private static TimeSpan? Shorter(TimeSpan? one, TimeSpan? other) => one is null ? other : other is null || one < other ? one : other;
}
