using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>RingKeeper's own format: a string with a <see cref="CopyHeader"/>, valid while its epoch is not below the reader's.</summary>
internal sealed class OwnFormat(VersionedCacheOptions options, Nonces nonces) : ICopyFormat
{
    /// <summary>Runs <see cref="OwnScripts.Set"/>.</summary>
    public static readonly CopyScript SetScript = new(OwnScripts.Set);

    /// <summary>Runs <see cref="OwnScripts.Remove"/>.</summary>
    public static readonly CopyScript RemoveScript = new(OwnScripts.Remove);

    private static readonly CopyScript CheckAndSetScript = new(OwnScripts.CheckAndSet);

    // Of bytes: such a prefix is put before a key without an allocation.
    private readonly RedisKey _prefix = Encoding.UTF8.GetBytes(options.KeyPrefix);
    private readonly SlidingTouches _touches = new(options.TimeProvider);

    /// <summary>Fills misses after a shard's return, where the cluster has that enabled.</summary>
    public WarmReturn Warm { get; } = new(options, nonces);

    public bool SerializesTexts => false;

    public RedisKey KeyOf(in RedisKey key) => options.KeyPrefix.Length == 0 ? key : _prefix.Append(key);

    public async ValueTask<Copy> ReadAsync(ShardRoute route, RedisKey key)
    {
        var before = route.Origin?.Run;
        try
        {
            return Judge(route, key, before, await route.Database.StringGetAsync(key).ConfigureAwait(false));
        }
        catch (RedisServerException e) when (IsForeign(e))
        {
            return new Copy(CopyState.Foreign);
        }
    }

    // Where another type than a string is, MGET tells nothing: such a key is like one that is not there.
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<WriteResult> WriteAsync(ShardRoute route, RedisKey key, ReadOnlyMemory<byte> payload, CacheExpiry expiry)
    {
        if (WarmReturn.IsOn(route) && !await Warm.FenceAsync(route, key).ConfigureAwait(false))
        {
            return new WriteResult(WriteOutcome.StaleView);
        }

        var arguments = SetArguments(route, new ReadOnlySequence<byte>(payload), expiry, out var header);
        return ResultOf(route, header, await SetScript.RunAsync(route.Database, [key], arguments).ConfigureAwait(false));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<WriteResult> CheckAndWriteAsync(ShardRoute route, RedisKey key, ReadOnlyMemory<byte> payload, CacheExpiry expiry, CacheToken token)
    {
        var before = route.Origin?.Run;
        if (!token.IsNone && !IsReadable(route, key, token))
        {
            return new WriteResult(WriteOutcome.Changed);
        }

        if (WarmReturn.IsOn(route) && !await Warm.FenceAsync(route, key).ConfigureAwait(false))
        {
            return new WriteResult(WriteOutcome.StaleView);
        }

        var arguments = SetArguments(route, new ReadOnlySequence<byte>(payload), expiry, out var header);
        arguments = [.. arguments, token.IsNone ? RedisValue.EmptyString : Bytes(token), ExactEpoch(route, key)];
        var result = ResultOf(route, header, await CheckAndSetScript.RunAsync(route.Database, [key], arguments).ConfigureAwait(false));

        // Another run may have restored the very copy that the token names, after newer ones were acknowledged. What was written there is of an epoch that the restart ends.
        return result.Outcome == WriteOutcome.Done && !token.IsNone && !(route.Origin?.IsViewsRun(before) ?? true) ? new WriteResult(WriteOutcome.Changed) : result;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> RemoveAsync(ShardRoute route, RedisKey key)
    {
        if (WarmReturn.IsOn(route) && !await Warm.FenceAsync(route, key).ConfigureAwait(false))
        {
            throw CopyErrors.Of(WriteOutcome.StaleView, route.Shard);
        }

        var removed = WasRemoved(route, await RemoveScript.RunAsync(route.Database, [key], RemoveArguments(route, key)).ConfigureAwait(false));
        return !WarmReturn.IsOn(route) || await Warm.KeepGoneAsync(route, key).ConfigureAwait(false) ? removed : throw CopyErrors.Of(WriteOutcome.StaleView, route.Shard);
    }

    /// <summary>The arguments of <see cref="SetScript"/>.</summary>
    public RedisValue[] SetArguments(in ShardRoute route, in ReadOnlySequence<byte> payload, CacheExpiry expiry, out CopyHeader header)
    {
        header = HeaderOf(route, expiry);
        return [CopyOf(header, payload), LifeOf(expiry)];
    }

    /// <summary>The arguments of <see cref="RemoveScript"/>.</summary>
    public RedisValue[] RemoveArguments(in ShardRoute route, in RedisKey key) => [ExactEpoch(route, key), Bytes(route.ValidSince)];

    /// <summary>What a reply of <see cref="SetScript"/> means.</summary>
    public static WriteResult ResultOf(in ShardRoute route, in CopyHeader header, RedisResult reply)
    {
        if (reply.Resp2Type == ResultType.BulkString)
        {
            return new WriteResult(WriteOutcome.Done, new CacheToken(route.Shard.Addr, header.Epoch, BinaryPrimitives.ReadInt64BigEndian((byte[])reply!), header.Nonce));
        }

        return (int)reply switch
        {
            1 => new WriteResult(WriteOutcome.Done, new CacheToken(route.Shard.Addr, header.Epoch, header.Version, header.Nonce)),
            OwnScripts.StaleView => new WriteResult(WriteOutcome.StaleView),
            OwnScripts.Changed => new WriteResult(WriteOutcome.Changed),
            OwnScripts.Foreign => new WriteResult(WriteOutcome.Foreign),
            _ => throw Unknown(route, reply),
        };
    }

    /// <summary>What a reply of <see cref="RemoveScript"/> means: whether there was a copy that a read would have found.</summary>
    /// <exception cref="StaleViewException">Another client has a later view.</exception>
    /// <exception cref="RingKeeperException">What is there was written by no cache.</exception>
    public static bool WasRemoved(in ShardRoute route, RedisResult reply) => (int)reply switch
    {
        1 => true,
        0 => false,
        OwnScripts.StaleView => throw CopyErrors.Of(WriteOutcome.StaleView, route.Shard),
        OwnScripts.Foreign => throw CopyErrors.Foreign(route.Shard),
        _ => throw Unknown(route, reply),
    };

    /// <summary>Whether an error of a read says that something else than a string is there.</summary>
    public static bool IsForeign(RedisServerException error) => error.Kind == RedisErrorKind.WrongType;

    /// <summary>Judges what a read gave, and prolongs its life if that is due.</summary>
    /// <param name="route">The route that it was read through.</param>
    /// <param name="key">The key on the shard.</param>
    /// <param name="before">The run that the connection reached before the read was sent.</param>
    /// <param name="value">What the shard answered.</param>
    public Copy Judge(in ShardRoute route, in RedisKey key, ShardRun? before, RedisValue value)
    {
        if (value.IsNull)
        {
            return new Copy(CopyState.Absent);
        }

        ReadOnlyMemory<byte> bytes = value;
        var state = Judge(route, key, before, bytes.Span, out var header);
        return state == CopyState.Valid
            ? new Copy(CopyState.Valid, bytes[header.Length..], new CacheToken(route.Shard.Addr, header.Epoch, header.Version, header.Nonce))
            : new Copy(state);
    }

    /// <summary>The same for bytes that are there.</summary>
    public CopyState Judge(in ShardRoute route, in RedisKey key, ShardRun? before, ReadOnlySpan<byte> bytes, out CopyHeader header)
    {
        if (!CopyHeader.TryRead(bytes, out header))
        {
            return CopyState.Foreign;
        }

        if (header.Kind != CopyKind.Value)
        {
            return CopyState.Deleted;
        }

        if (route.ReadsAreMisses || !(route.Origin?.IsViewsRun(before) ?? true) || !route.IsValid(key, header.Epoch, options.RoutePolicy))
        {
            return CopyState.Stale;
        }

        if (header.SlidingMilliseconds != 0)
        {
            Prolong(route, key, header);
        }

        return CopyState.Valid;
    }

    // Whether a read through this route could have found the copy that the token names.
    private bool IsReadable(in ShardRoute route, in RedisKey key, CacheToken token) =>
        token.Addr == route.Shard.Addr
        && !route.ReadsAreMisses
        && (route.Origin is not { } origin || origin.IsViewsRun(origin.Run))
        && route.IsValid(key, token.Epoch, options.RoutePolicy);

    private void Prolong(in ShardRoute route, in RedisKey key, in CopyHeader header)
    {
        if (!_touches.IsDue(key, header.SlidingMilliseconds))
        {
            return;
        }

        var life = CacheExpiry.Prolonged(header.SlidingMilliseconds);
        if (header.AbsoluteEnd != 0)
        {
            life = Math.Min(life, header.AbsoluteEnd - options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds());
        }

        if (life > 0)
        {
            // Nobody waits for it: if it is lost, the copy ends too early, which a cache may do.
            _ = route.Database.KeyExpireAsync(key, TimeSpan.FromMilliseconds(life), ExpireWhen.Always, CommandFlags.FireAndForget);
        }
    }

    private CopyHeader HeaderOf(in ShardRoute route, CacheExpiry expiry)
    {
        var sliding = expiry.SlidingMilliseconds;
        var end = sliding != 0 && expiry.Absolute is { } life ? EndOf(options.TimeProvider.GetUtcNow(), life) : 0;
        return new CopyHeader(CopyKind.Value, route.ValidSince, Stamps.Now(options.TimeProvider), nonces.Next(), sliding, end);
    }

    private static long EndOf(DateTimeOffset now, TimeSpan life) =>
        life >= DateTimeOffset.MaxValue - now ? DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() : (now + life).ToUnixTimeMilliseconds();

    private static byte[] CopyOf(in CopyHeader header, in ReadOnlySequence<byte> payload)
    {
        var copy = GC.AllocateUninitializedArray<byte>(header.Length + (int)payload.Length);
        header.WriteTo(copy);
        payload.CopyTo(copy.AsSpan(header.Length));
        return copy;
    }

    private static RedisValue LifeOf(CacheExpiry expiry) => expiry.FirstMilliseconds is { } milliseconds ? milliseconds : RedisValue.EmptyString;

    private static byte[] Bytes(CacheToken token)
    {
        var bytes = new byte[20];
        BinaryPrimitives.WriteInt64BigEndian(bytes, token.Epoch);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(8), token.Version);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(16), token.Nonce);
        return bytes;
    }

    private byte[] ExactEpoch(in ShardRoute route, in RedisKey key) => Bytes(KeyRouting.ExactEpochOf(route, key, options.RoutePolicy));

    private static byte[] Bytes(long epoch)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, epoch);
        return bytes;
    }

    private static RingKeeperException Unknown(in ShardRoute route, RedisResult reply) =>
        new($"Shard '{route.Shard.Name}' ({route.Shard.Addr}) answered a script of the cache with {reply}, which the script never gives.");
}
