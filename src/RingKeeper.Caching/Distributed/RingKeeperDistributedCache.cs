using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// The ring as the distributed cache of .NET: the asynchronous members. An entry is a copy in <see cref="CacheFormat.Own"/>, so a <see cref="VersionedCache"/> with the same
/// prefix reads it as bytes, and no old one passes for a fresh one.
/// </summary>
internal sealed partial class RingKeeperDistributedCache(IConnector connector, VersionedCacheOptions options, Nonces nonces) : IBufferDistributedCache
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly DistributedCopies _copies = new(options, nonces);

    /// <summary>The removals of tags that HybridCache keeps beside its entries.</summary>
    public TagMarks Marks { get; } = new(connector, options);

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        var found = new ArrayBufferWriter<byte>();
        return await TryGetAsync(key, found, token).ConfigureAwait(false) ? found.WrittenSpan.ToArray() : null;
    }

    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(destination);
        token.ThrowIfCancellationRequested();
        if (Marks.IsMark(key))
        {
            return await Marks.TryGetAsync(key, destination, token).ConfigureAwait(false);
        }

        try
        {
            return await ReadAsync(_copies.KeyOf(key), destination, token).ConfigureAwait(false);
        }
        catch (Exception e) when (options.WhenShardAway == ShardAwayPolicy.Miss && DistributedCopies.IsAway(e))
        {
            return false;
        }
    }

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(value);
        return SetAsync(key, new ReadOnlySequence<byte>(value), options, token).AsTask();
    }

    public async ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        token.ThrowIfCancellationRequested();
        var now = Time.GetUtcNow();
        var life = DistributedLife.Of(options, now);
        if (Marks.IsMark(key))
        {
            await Marks.RaiseAsync(key, value.ToArray(), life.Milliseconds, token).ConfigureAwait(false);
            return;
        }

        var placed = _copies.KeyOf(key);
        for (var attempt = 1; ; attempt++)
        {
            // Asked for before the route, so that no change falls in between.
            var changed = (connector as IRouteSource)?.RoutesChanged;
            var route = await connector.ConnectAsync(placed, Policy, token).ConfigureAwait(false);
            var reply = await route.Database.ScriptEvaluateAsync(OwnScripts.Set, [placed], _copies.ToWrite(route, value, life, now)).WaitAsync(token).ConfigureAwait(false);
            if (DistributedCopies.IsDone(route, reply))
            {
                return;
            }

            if (attempt > 2 || changed is null)
            {
                throw Outdated(route);
            }

            await NewerViewAsync(changed, token).ConfigureAwait(false);
        }
    }

    public async Task RefreshAsync(string key, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        token.ThrowIfCancellationRequested();
        var placed = _copies.KeyOf(key);
        var route = await connector.ConnectAsync(placed, Policy, token).ConfigureAwait(false);
        await route.Database.ScriptEvaluateAsync(DistributedScripts.Touch, [placed], _copies.ToTouch()).WaitAsync(token).ConfigureAwait(false);
    }

    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        token.ThrowIfCancellationRequested();
        var placed = _copies.KeyOf(key);
        var route = await connector.ConnectAsync(placed, Policy, token).ConfigureAwait(false);
        await route.Database.KeyDeleteAsync(placed).WaitAsync(token).ConfigureAwait(false);
    }

    private RoutePolicy Policy => options.RoutePolicy;

    private TimeProvider Time => options.TimeProvider;

    private async Task<bool> ReadAsync(RedisKey placed, IBufferWriter<byte> destination, CancellationToken token)
    {
        var route = await connector.ConnectAsync(placed, Policy, token).ConfigureAwait(false);
        var before = route.Origin?.Run;
        using var lease = await LeaseAsync(route, placed, token).ConfigureAwait(false);
        if (lease is null || !_copies.IsValid(route, placed, before, lease.Span, out var header))
        {
            return false;
        }

        if (header.SlidingMilliseconds != 0)
        {
            await route.Database.ScriptEvaluateAsync(DistributedScripts.Touch, [placed], _copies.ToTouch()).WaitAsync(token).ConfigureAwait(false);
        }

        destination.Write(lease.Span[header.Length..]);
        return true;
    }

    private static async Task<Lease<byte>?> LeaseAsync(ShardRoute route, RedisKey placed, CancellationToken token)
    {
        try
        {
            return await route.Database.StringGetLeaseAsync(placed).WaitAsync(token).ConfigureAwait(false);
        }
        catch (RedisServerException e) when (DistributedCopies.IsOtherType(e))
        {
            return null;
        }
    }

    private async Task NewerViewAsync(Task changed, CancellationToken token)
    {
        try
        {
            await changed.WaitAsync(Patience, Time, token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The next attempt shows whether the view is still too old.
        }
    }

    private static StaleViewException Outdated(in ShardRoute route) =>
        new($"The copy on shard {route.Shard.Addr} was written under a later view than this client has. Try again.");
}
