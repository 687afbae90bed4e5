using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>RingKeeper's own format: a string with a <see cref="CopyHeader"/>, valid while its epoch is not below the reader's.</summary>
internal sealed class OwnFormat(VersionedCacheOptions options, Nonces nonces) : ICopyFormat
{
    private static readonly CopyScript SetScript = new(OwnScripts.Set);
    private static readonly CopyScript CheckAndSetScript = new(OwnScripts.CheckAndSet);
    private static readonly CopyScript RemoveScript = new(OwnScripts.Remove);

    // Of bytes: such a prefix is put before a key without an allocation.
    private readonly RedisKey _prefix = Encoding.UTF8.GetBytes(options.KeyPrefix);
    private readonly SlidingTouches _touches = new(options.TimeProvider);

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

    public ValueTask<WriteResult> WriteAsync(ShardRoute route, RedisKey key, ReadOnlyMemory<byte> payload, CacheExpiry expiry)
    {
        var header = HeaderOf(route, expiry);
        return RunAsync(SetScript, route, key, header, [CopyOf(header, payload), LifeOf(expiry)]);
    }

    public ValueTask<WriteResult> CheckAndWriteAsync(ShardRoute route, RedisKey key, ReadOnlyMemory<byte> payload, CacheExpiry expiry, CacheToken token)
    {
        if (!token.IsNone && !IsReadable(route, key, token))
        {
            return new ValueTask<WriteResult>(new WriteResult(WriteOutcome.Changed));
        }

        var header = HeaderOf(route, expiry);
        return RunAsync(CheckAndSetScript, route, key, header, [CopyOf(header, payload), LifeOf(expiry), token.IsNone ? RedisValue.EmptyString : Bytes(token), ExactEpoch(route, key)]);
    }

    public async ValueTask<bool> RemoveAsync(ShardRoute route, RedisKey key)
    {
        var reply = await RemoveScript.RunAsync(route.Database, [key], [ExactEpoch(route, key)]).ConfigureAwait(false);
        return (int)reply switch
        {
            1 => true,
            0 => false,
            OwnScripts.Foreign => throw CopyErrors.Foreign(route.Shard),
            _ => throw Unknown(route, reply),
        };
    }

    /// <summary>Whether an error of a read says that something else than a string is there.</summary>
    public static bool IsForeign(RedisServerException error) => error.Kind == RedisErrorKind.WrongType;

    /// <summary>Judges what a read gave, and prolongs its life if that is due.</summary>
    /// <param name="route">The route that it was read through.</param>
    /// <param name="key">The key on the shard.</param>
    /// <param name="before">The run that the connection reached before the read was sent.</param>
    /// <param name="value">What the shard answered.</param>
    /// <param name="header">The head of the copy; of meaning where it is valid.</param>
    /// <param name="payload">The value's bytes; empty unless it is valid.</param>
    public CopyState Judge(in ShardRoute route, in RedisKey key, ShardRun? before, RedisValue value, out CopyHeader header, out ReadOnlyMemory<byte> payload)
    {
        payload = default;
        if (value.IsNull)
        {
            header = default;
            return CopyState.Absent;
        }

        ReadOnlyMemory<byte> bytes = value;
        if (!CopyHeader.TryRead(bytes.Span, out header))
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

        payload = bytes[header.Length..];
        return CopyState.Valid;
    }

    /// <summary>Names the copy that a header heads.</summary>
    public static CacheToken TokenOf(Shard shard, in CopyHeader header) => new(shard.Addr, header.Epoch, header.Version, header.Nonce);

    private Copy Judge(in ShardRoute route, in RedisKey key, ShardRun? before, RedisValue value)
    {
        var state = Judge(route, key, before, value, out var header, out var payload);
        return state != CopyState.Valid ? new Copy(state) : new Copy(state, payload, TokenOf(route.Shard, header))
        {
            Sliding = header.SlidingMilliseconds == 0 ? null : TimeSpan.FromMilliseconds(header.SlidingMilliseconds),
            AbsoluteEnd = header.AbsoluteEnd,
        };
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

    private static byte[] CopyOf(in CopyHeader header, ReadOnlyMemory<byte> payload)
    {
        var copy = GC.AllocateUninitializedArray<byte>(header.Length + payload.Length);
        header.WriteTo(copy);
        payload.CopyTo(copy.AsMemory(header.Length));
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

    private byte[] ExactEpoch(in ShardRoute route, in RedisKey key)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, KeyRouting.ExactEpochOf(route, key, options.RoutePolicy));
        return bytes;
    }

    // One state machine for all of a write, with that of CopyScript only where the server does not know the script.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<WriteResult> RunAsync(CopyScript script, ShardRoute route, RedisKey key, CopyHeader header, RedisValue[] arguments)
    {
        RedisResult reply;
        RedisKey[] keys = [key];
        try
        {
            reply = await script.SendAsync(route.Database, keys, arguments).ConfigureAwait(false);
        }
        catch (RedisServerException e) when (CopyScript.IsUnknown(e))
        {
            reply = await script.SendTextAsync(route.Database, keys, arguments).ConfigureAwait(false);
        }

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

    private static RingKeeperException Unknown(in ShardRoute route, RedisResult reply) =>
        new($"Shard '{route.Shard.Name}' ({route.Shard.Addr}) answered a script of the cache with {reply}, which the script never gives.");
}
