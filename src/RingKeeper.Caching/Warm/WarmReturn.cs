using System.Buffers.Binary;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// Fills a miss from the shard that served the key until its own one returned or arrived, for <see cref="ZKClusterOptions.WarmReturn"/> since. What makes it safe:
/// whoever writes or removes the key under the new view first leaves a tombstone of the new epoch on that shard, so that neither a fill nor a writer with the view before
/// can bring the old copy back; and a fill leaves an intent before it looks there. Writers do so for twice as long as readers fill, so that a reader may know of
/// a change later than a writer by that much.
/// </summary>
internal sealed class WarmReturn(VersionedCacheOptions options, Nonces nonces)
{
    private static readonly TimeSpan IntentLife = TimeSpan.FromSeconds(5);
    private static readonly CopyScript IntendScript = new(WarmScripts.Intend);
    private static readonly CopyScript FillScript = new(WarmScripts.Fill);

    private readonly FillRate _rate = new(options.WarmFillsPerSecond, options.TimeProvider);

    /// <summary>Whether the cluster has it enabled, so that the other members may have something to do.</summary>
    public static bool IsOn(in ShardRoute route) => route.Origin?.View.Rules.WarmReturn is not null;

    /// <summary>
    /// Keeps what the shards hold that may be taken for the one that served the key before from coming back; to be awaited before a write or a removal is sent. Usually it is one
    /// shard; more where statuses or the topology changed since, which a client that fills may not know yet.
    /// </summary>
    /// <returns>False where another client has a later view than this one.</returns>
    /// <exception cref="ShardNotReadyException">One of them is not connected.</exception>
    /// <exception cref="RedisException">One of them cannot be reached, or answers with an error; nothing was written.</exception>
    public async ValueTask<bool> FenceAsync(ShardRoute route, RedisKey key)
    {
        foreach (var heir in HeirsToFence(route, key))
        {
            if (!IsFenced(await OwnFormat.SetScript.RunAsync(DatabaseOf(heir), [key], Tombstone(route)).ConfigureAwait(false)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The same for a caller that waits on its thread.</summary>
    public bool Fence(in ShardRoute route, RedisKey key)
    {
        foreach (var heir in HeirsToFence(route, key))
        {
            if (!IsFenced(OwnFormat.SetScript.Run(DatabaseOf(heir), [key], Tombstone(route))))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Keeps a key gone that was removed: who has not heard yet that its heir died, or returned, may fill from it, and this view knows of no heir to mark. So the mark stands on the
    /// key's own shard too, for as long as writers mark. To be awaited after a removal was answered.
    /// </summary>
    /// <returns>False where another client has a later view than this one.</returns>
    public async ValueTask<bool> KeepGoneAsync(ShardRoute route, RedisKey key) =>
        options.RoutePolicy != RoutePolicy.Failover
        || !IsWithin(route, route.ValidSince, factor: 2, mustHaveSeenItCome: false)
        || IsFenced(await OwnFormat.SetScript.RunAsync(route.Database, [key], Tombstone(route)).ConfigureAwait(false));

    /// <summary>The same for a caller that waits on its thread.</summary>
    public bool KeepGone(in ShardRoute route, RedisKey key) =>
        options.RoutePolicy != RoutePolicy.Failover
        || !IsWithin(route, route.ValidSince, factor: 2, mustHaveSeenItCome: false)
        || IsFenced(OwnFormat.SetScript.Run(route.Database, [key], Tombstone(route)));

    private List<RouteOrigin> HeirsToFence(in ShardRoute route, in RedisKey key)
    {
        // Nearly all writes come long after the last change; those need no look at the key.
        if (options.RoutePolicy != RoutePolicy.Failover || route.Origin is not { } origin || !IsWithin(route, route.ValidSince, factor: 2, mustHaveSeenItCome: false))
        {
            return [];
        }

        var heirs = new List<int>();
        return KeyRouting.FindWarmHeirs(origin.View, key, origin.ShardIndex, heirs) is var change and not 0 && IsWithin(route, change, factor: 2, mustHaveSeenItCome: false)
            ? heirs.ConvertAll(heir => origin.Siblings[heir])
            : [];
    }

    private static IDatabase DatabaseOf(RouteOrigin heir)
    {
        var shard = heir.View.Ring.ShardAt(heir.ShardIndex);
        return heir.Database() ?? throw new ShardNotReadyException(
            $"The connection to shard '{shard.Name}' ({shard.Addr}) is not open yet. It may have served this key until a moment ago, and what it holds must be marked as outdated first. Try again.");
    }

    private RedisValue[] Tombstone(in ShardRoute route) =>
        [Mark(CopyKind.Tombstone, route), (long)(4 * route.Origin!.View.Rules.WarmReturn!.Value).TotalMilliseconds];

    // What no cache wrote there cannot be filled from either.
    private static bool IsFenced(RedisResult reply) => reply.Resp2Type == ResultType.BulkString || (int)reply != OwnScripts.StaleView;

    /// <summary>Fills a miss; absent where there is nothing to fill it with, or it must not be.</summary>
    /// <param name="route">The route of the key, over which the miss was read.</param>
    /// <param name="key">The key on the shards.</param>
    public async ValueTask<Copy> TryFillAsync(ShardRoute route, RedisKey key)
    {
        if (route.ReadsAreMisses || SourceOf(route, key) is not { } source || !IsWithin(route, source.Event, factor: 1, mustHaveSeenItCome: true))
        {
            return default;
        }

        var heir = route.Origin!.Siblings[source.Heir];
        if (heir.Database() is not { } database || !_rate.TryBegin())
        {
            return default;
        }

        var own = route.Origin.Run;
        var intent = Mark(CopyKind.Intent, route);
        var least = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(least, KeyRouting.ExactEpochOf(route, key, options.RoutePolicy));
        var intended = await IntendScript.RunAsync(route.Database, [key], [intent, (long)IntentLife.TotalMilliseconds, least]).ConfigureAwait(false);
        if ((int)intended != 1)
        {
            return default;
        }

        // One after the other over one connection: the life that is left was asked for after the copy, so it is not one that began later. No life is told of what lives for ever and
        // of what is gone by then; what had one before the copy was read is gone.
        var run = heir.Run;
        var livingBefore = database.KeyTimeToLiveAsync(key);
        var reading = database.StringGetAsync(key);
        var living = database.KeyTimeToLiveAsync(key);
        await Task.WhenAll(livingBefore, reading, living).ConfigureAwait(false);
        ReadOnlyMemory<byte> bytes = await reading.ConfigureAwait(false);
        var life = await living.ConfigureAwait(false);
        if (life is null && await livingBefore.ConfigureAwait(false) is not null)
        {
            return default;
        }

        if (!CopyHeader.TryRead(bytes.Span, out var header) || header.Kind != CopyKind.Value || header.Epoch < source.ValidSince || header.Epoch >= source.Event || !heir.IsViewsRun(run))
        {
            return default;
        }

        var copy = bytes.ToArray();

        // The very change that moved the key, not a later one that concerned others: whoever knows of a later one of this key's must not take it for valid.
        var filled = header with { Epoch = source.Event };
        filled.WriteTo(copy);
        RedisValue milliseconds = life is { } left ? Math.Max(1, (long)left.TotalMilliseconds) : RedisValue.EmptyString;
        var reply = await FillScript.RunAsync(route.Database, [key], [copy, milliseconds, intent]).ConfigureAwait(false);
        return (int)reply == 1 && route.Origin.IsViewsRun(own)
            ? new Copy(CopyState.Valid, copy.AsMemory(header.Length), new CacheToken(route.Shard.Addr, filled.Epoch, filled.Version, filled.Nonce))
            : default;
    }

    private static bool IsWithin(in ShardRoute route, long stamp, int factor, bool mustHaveSeenItCome)
    {
        var origin = route.Origin!;
        if (origin.Age is not { } age || origin.View.Rules.WarmReturn is not { } window)
        {
            return false;
        }

        var (elapsed, sawItCome) = age.ElapsedSince(stamp);
        return elapsed < factor * window && (!mustHaveSeenItCome || (sawItCome && origin.Unconfirmed() < window / 2));
    }

    private WarmSource? SourceOf(in ShardRoute route, in RedisKey key) =>
        options.RoutePolicy == RoutePolicy.Failover && route.Origin is { } origin && IsOn(route) ? KeyRouting.FindWarmSource(origin.View, key, origin.ShardIndex) : null;

    private byte[] Mark(CopyKind kind, in ShardRoute route)
    {
        var mark = new byte[CopyHeader.ShortLength];
        new CopyHeader(kind, route.ValidSince, Stamps.Now(options.TimeProvider), nonces.Next()).WriteTo(mark);
        return mark;
    }
}
