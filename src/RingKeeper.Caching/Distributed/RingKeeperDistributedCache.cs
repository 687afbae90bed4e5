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
    private static readonly RedisValue Magic = CopyHeader.Magic.ToArray();
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly OwnFormat _own = new(options, nonces);

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
            return await ReadAsync(_own.KeyOf(key), destination, token).ConfigureAwait(false);
        }
        catch (Exception e) when (options.WhenShardAway == ShardAwayPolicy.Miss && ShardAwayRules.IsAway(e))
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
        RefuseTooLarge(value);
        if (Marks.IsMark(key))
        {
            await Marks.RaiseAsync(key, value.ToArray(), life.FirstMilliseconds, token).ConfigureAwait(false);
            return;
        }

        var placed = _own.KeyOf(key);
        for (var attempt = 1; ; attempt++)
        {
            // Asked for before the route, so that no change falls in between.
            var changed = (connector as IRouteSource)?.RoutesChanged;
            var route = await connector.ConnectAsync(placed, Policy, token).ConfigureAwait(false);
            var outcome = await WriteAsync(route, placed, value, life).WaitAsync(token).ConfigureAwait(false);
            if (outcome == WriteOutcome.Done)
            {
                return;
            }

            if (outcome != WriteOutcome.StaleView || attempt > 2 || changed is null)
            {
                throw CopyErrors.Of(outcome, route.Shard);
            }

            await NewerViewAsync(changed, token).ConfigureAwait(false);
        }
    }

    public async Task RefreshAsync(string key, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        token.ThrowIfCancellationRequested();
        var placed = _own.KeyOf(key);
        var route = await connector.ConnectAsync(placed, Policy, token).ConfigureAwait(false);
        await route.Database.ScriptEvaluateAsync(DistributedScripts.Touch, [placed], ToTouch()).WaitAsync(token).ConfigureAwait(false);
    }

    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        token.ThrowIfCancellationRequested();
        var placed = _own.KeyOf(key);
        var route = await connector.ConnectAsync(placed, Policy, token).ConfigureAwait(false);
        await _own.RemoveAsync(route, placed).AsTask().WaitAsync(token).ConfigureAwait(false);
    }

    private RoutePolicy Policy => options.RoutePolicy;

    private TimeProvider Time => options.TimeProvider;

    private async Task<bool> ReadAsync(RedisKey placed, IBufferWriter<byte> destination, CancellationToken token)
    {
        var route = await connector.ConnectAsync(placed, Policy, token).ConfigureAwait(false);
        var before = route.Origin?.Run;
        using var lease = await LeaseAsync(route, placed, token).ConfigureAwait(false);
        if (lease is not null && _own.Judge(route, placed, before, lease.Span, out var header) == CopyState.Valid)
        {
            destination.Write(lease.Span[header.Length..]);
            return true;
        }

        if (!WarmReturn.IsOn(route) || await _own.Warm.TryFillAsync(route, placed).AsTask().WaitAsync(token).ConfigureAwait(false) is not { State: CopyState.Valid } copy)
        {
            return false;
        }

        destination.Write(copy.Payload.Span);
        return true;
    }

    private async Task<WriteOutcome> WriteAsync(ShardRoute route, RedisKey placed, ReadOnlySequence<byte> value, CacheExpiry life)
    {
        if (WarmReturn.IsOn(route) && !await _own.Warm.FenceAsync(route, placed).ConfigureAwait(false))
        {
            return WriteOutcome.StaleView;
        }

        var arguments = _own.SetArguments(route, value, life, out var header);
        return OwnFormat.ResultOf(route, header, await OwnFormat.SetScript.RunAsync(route.Database, [placed], arguments).ConfigureAwait(false)).Outcome;
    }

    private void RefuseTooLarge(in ReadOnlySequence<byte> value)
    {
        if (value.Length > options.MaxValueBytes)
        {
            throw new RingKeeperException($"The value has {value.Length} bytes; {nameof(VersionedCacheOptions.MaxValueBytes)} is {options.MaxValueBytes}. Raise it, or store less.");
        }
    }

    private RedisValue[] ToTouch() => [Magic, Time.GetUtcNow().ToUnixTimeMilliseconds()];

    private static async Task<Lease<byte>?> LeaseAsync(ShardRoute route, RedisKey placed, CancellationToken token)
    {
        try
        {
            return await route.Database.StringGetLeaseAsync(placed).WaitAsync(token).ConfigureAwait(false);
        }
        catch (RedisServerException e) when (OwnFormat.IsForeign(e))
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
}
