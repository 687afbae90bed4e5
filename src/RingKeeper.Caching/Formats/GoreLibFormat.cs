using System.Text;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// The Go package's format: a sorted set at the key's JSON whose newest member is the value, its score a serial in microseconds; valid while the serial is above the
/// reader's ValidSince by more than the clock tolerance. It holds while any two clocks differ by less than that.
/// </summary>
/// <remarks>
/// A serial is max(writer's clock, newest there + 1, ValidSince + tolerance + 1), so that a copy just written is valid and the newest. It is raised above a serial
/// that is there only as far as a clock within the tolerance and as much time on the way explain it. What is further ahead comes from a client with a later view, from a write that
/// was held up meanwhile, or from a clock that is off; raising above it would carry that on, and make valid later what no clock has reached. A write that was
/// held up is tried once more by the clock of then; after that it is refused as stale, as a Go program's would be.
/// There is no epoch in a copy, and so none by which a writer with an older view could be refused. Check-and-set keeps Go's rule: on a key
/// that is gone it succeeds whatever serial was read, and it cannot tell two members of one serial apart.
/// </remarks>
internal sealed class GoreLibFormat : ICopyFormat
{
    // Doubles hold whole numbers up to here.
    private const long GreatestSerial = 1L << 53;

    private static readonly CopyScript SetScript = new(GoreLibScripts.Set);
    private static readonly CopyScript CheckAndSetScript = new(GoreLibScripts.CheckAndSet);

    private readonly VersionedCacheOptions _options;
    private readonly byte[] _prefix;
    private readonly ShardClocks _clocks;

    public GoreLibFormat(VersionedCacheOptions options)
    {
        if (!RedisKeyBytes.TellsText)
        {
            throw new RingKeeperException($"This version of StackExchange.Redis does not tell keys of text from keys of bytes, which {nameof(CacheFormat)}.{nameof(CacheFormat.GoreLib)} needs. Use the version that RingKeeper was built for.");
        }

        RefuseSliding(options.Expiry);
        _options = options;
        _prefix = Encoding.UTF8.GetBytes(options.KeyPrefix);
        _clocks = new ShardClocks(options.TimeProvider, options.Logger);
    }

    public bool SerializesTexts => true;

    public RedisKey KeyOf(in RedisKey key)
    {
        if (RedisKeyBytes.IsText(key))
        {
            return GoCacheKey.Quote(_prefix, (string)key!);
        }

        return _prefix.Length == 0 ? key : key.Prepend(_prefix);
    }

    public async ValueTask<Copy> ReadAsync(ShardRoute route, RedisKey key)
    {
        _clocks.Look(route);
        var before = route.Origin?.Run;
        return await JudgeAsync(route, key, before, ReadNewestAsync(route, key)).ConfigureAwait(false);
    }

    public async Task<Copy[]> ReadManyAsync(IReadOnlyList<ShardRoute> routes, RedisKey[] keys)
    {
        _clocks.Look(routes[0]);
        var before = routes[0].Origin?.Run;
        var readings = Array.ConvertAll(keys, key => ReadNewestAsync(routes[0], key));
        await Task.WhenAll((IEnumerable<Task>)readings).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var copies = new Copy[keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            copies[i] = await JudgeAsync(routes[i], keys[i], before, readings[i]).ConfigureAwait(false);
        }

        return copies;
    }

    public ValueTask<WriteResult> WriteAsync(ShardRoute route, RedisKey key, ReadOnlyMemory<byte> payload, CacheExpiry expiry) =>
        WriteAsync(route, key, SetScript, payload, expiry, []);

    public ValueTask<WriteResult> CheckAndWriteAsync(ShardRoute route, RedisKey key, ReadOnlyMemory<byte> payload, CacheExpiry expiry, CacheToken token)
    {
        var tolerance = ToleranceOf(route);
        if (token.IsNone)
        {
            // What a read misses is no reason to refuse.
            var missed = Math.Max(KeyRouting.ExactEpochOf(route, key, _options.RoutePolicy), UnrecordedOf(route)) + tolerance;
            return WriteAsync(route, key, CheckAndSetScript, payload, expiry, [missed, 0]);
        }

        return token.Addr == route.Shard.Addr && IsReadable(route, key, token)
            ? WriteOverRunAsync(route, key, payload, expiry, token)
            : new ValueTask<WriteResult>(new WriteResult(WriteOutcome.Changed));
    }

    // Another run of the server may have restored the very copy that the token names, after newer ones were acknowledged.
    private async ValueTask<WriteResult> WriteOverRunAsync(ShardRoute route, RedisKey key, ReadOnlyMemory<byte> payload, CacheExpiry expiry, CacheToken token)
    {
        var before = route.Origin?.Run;
        var result = await WriteAsync(route, key, CheckAndSetScript, payload, expiry, [token.Version, 1]).ConfigureAwait(false);
        return result.Outcome == WriteOutcome.Done && !IsViewsRun() ? new WriteResult(WriteOutcome.Changed) : result;

        bool IsViewsRun() => route.Origin?.IsViewsRun(before) ?? true;
    }

    public async ValueTask<bool> RemoveAsync(ShardRoute route, RedisKey key) => await route.Database.KeyDeleteAsync(key).ConfigureAwait(false);

    private static Task<SortedSetEntry[]> ReadNewestAsync(in ShardRoute route, in RedisKey key) =>
        route.Database.SortedSetRangeByRankWithScoresAsync(key, 0, 0, Order.Descending);

    // The clocks of a single server's clients are compared by nobody, and nothing ages its copies.
    private static long ToleranceOf(in ShardRoute route) =>
        route.Origin is { } origin ? origin.View.Rules.ClockTolerance.Ticks / TimeSpan.TicksPerMicrosecond : 0;

    // The stamp of a Go manager's change that nobody has put on record: no part of epochs, but what is judged by clocks has to be younger than it.
    private static long UnrecordedOf(in ShardRoute route) => route.Origin?.View.History.Unrecorded ?? 0;

    private static long EpochOf(in ShardRoute route) => Math.Max(route.ValidSince, UnrecordedOf(route));

    // Whether a serial above this one is valid.
    private bool IsValid(in ShardRoute route, in RedisKey key, long above)
    {
        var epoch = above - ToleranceOf(route);
        return epoch >= UnrecordedOf(route) && route.IsValid(key, epoch, _options.RoutePolicy);
    }

    // A server that came back with older data may have the copy of the token again: as long as the view does not tell of that, a read would miss it.
    private bool IsReadable(in ShardRoute route, in RedisKey key, CacheToken token) =>
        !route.ReadsAreMisses && IsValid(route, key, token.Version - 1) && (route.Origin is not { } origin || origin.IsViewsRun(origin.Run));

    // How far above one's own clock a serial may be: the tolerance for the other's clock, and as much for the time on the way.
    private static long LeewayOf(in ShardRoute route) =>
        2 * (route.Origin is null ? CopyRules.Default.ClockTolerance.Ticks / TimeSpan.TicksPerMicrosecond : ToleranceOf(route));

    private static void RefuseSliding(CacheExpiry expiry)
    {
        if (expiry.Sliding is not null)
        {
            throw new RingKeeperException(
                $"A copy in the format of the Go package has no place for a sliding expiry ({expiry.Sliding}): other programs would not know of it. Give {nameof(CacheExpiry)}.{nameof(CacheExpiry.After)}, or use {nameof(CacheFormat)}.{nameof(CacheFormat.Own)}.");
        }
    }

    private static RedisValue Milliseconds(CacheExpiry expiry)
    {
        RefuseSliding(expiry);
        return expiry.FirstMilliseconds ?? RedisValue.EmptyString;
    }

    private async ValueTask<Copy> JudgeAsync(ShardRoute route, RedisKey key, ShardRun? before, Task<SortedSetEntry[]> reading)
    {
        SortedSetEntry[] newest;
        try
        {
            newest = await reading.ConfigureAwait(false);
        }
        catch (RedisServerException e) when (OwnFormat.IsForeign(e))
        {
            return new Copy(CopyState.Foreign);
        }

        if (newest.Length == 0)
        {
            return new Copy(CopyState.Absent);
        }

        // Above a whole number is at least the next one; a Go program reads the serial rounded down.
        var score = newest[0].Score;
        var above = (long)Math.Ceiling(score) - 1;
        if (score <= 0 || route.ReadsAreMisses || !(route.Origin?.IsViewsRun(before) ?? true) || !IsValid(route, key, above))
        {
            return new Copy(CopyState.Stale);
        }

        return new Copy(CopyState.Valid, newest[0].Element, new CacheToken(route.Shard.Addr, 0, (long)Math.Floor(score), 0));
    }

    private async ValueTask<WriteResult> WriteAsync(ShardRoute route, RedisKey key, CopyScript script, ReadOnlyMemory<byte> payload, CacheExpiry expiry, RedisValue[] more)
    {
        var milliseconds = Milliseconds(expiry);
        if (EpochOf(route) > GreatestSerial - ToleranceOf(route))
        {
            throw new RingKeeperException($"The epoch {EpochOf(route)} of shard {route.Shard.Addr} is above every serial. A clock must have been far ahead; delete and create the cluster anew.");
        }

        _clocks.Look(route);
        var result = await RunAsync(route, key, script, payload, milliseconds, more).ConfigureAwait(false);
        if (result.Outcome == WriteOutcome.StaleView)
        {
            result = await RunAsync(route, key, script, payload, milliseconds, more).ConfigureAwait(false);
        }

        if (result.Outcome == WriteOutcome.StaleView)
        {
            CacheLog.SerialAhead(_options.Logger, route.Shard.Addr, TimeSpan.FromMicroseconds(LeewayOf(route)).TotalMilliseconds);
        }

        return result;
    }

    private async ValueTask<WriteResult> RunAsync(ShardRoute route, RedisKey key, CopyScript script, ReadOnlyMemory<byte> payload, RedisValue milliseconds, RedisValue[] more)
    {
        var now = Stamps.Now(_options.TimeProvider);
        var least = EpochOf(route) + ToleranceOf(route) + 1;
        var most = Math.Max(now, least) + LeewayOf(route);
        var reply = await script.RunAsync(route.Database, [key], [payload, now, least, most, milliseconds, CopyHeader.Magic.ToArray(), .. more]).ConfigureAwait(false);
        if (reply.Resp2Type == ResultType.BulkString)
        {
            return new WriteResult(WriteOutcome.Done, new CacheToken(route.Shard.Addr, 0, (long)reply, 0));
        }

        return (int)reply switch
        {
            -1 => new WriteResult(WriteOutcome.StaleView),
            -2 => new WriteResult(WriteOutcome.Changed),
            -3 => new WriteResult(WriteOutcome.Foreign),
            _ => throw new RingKeeperException($"Shard {route.Shard.Addr} answered a write of the cache with {reply}, which the script never gives."),
        };
    }
}
