using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// The synchronous members, over the synchronous commands of the connection: no thread waits for a task. They never wait for a route either: while a shard is not ready they
/// fail at once.
/// </summary>
internal sealed partial class RingKeeperDistributedCache
{
    public byte[]? Get(string key)
    {
        var found = new ArrayBufferWriter<byte>();
        return TryGet(key, found) ? found.WrittenSpan.ToArray() : null;
    }

    public bool TryGet(string key, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(destination);
        try
        {
            return Read(_own.KeyOf(key), destination);
        }
        catch (Exception e) when (options.WhenShardAway == ShardAwayPolicy.Miss && ShardAwayRules.IsAway(e))
        {
            return false;
        }
    }

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(value);
        Set(key, new ReadOnlySequence<byte>(value), options);
    }

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        var now = Time.GetUtcNow();
        var life = DistributedLife.Of(options, now);
        RefuseTooLarge(value);
        var placed = _own.KeyOf(key);
        var route = RouteNow(placed);
        var outcome = WriteOutcome.StaleView;
        if (!WarmReturn.IsOn(route) || _own.Warm.Fence(route, placed))
        {
            var arguments = _own.SetArguments(route, value, life, out var header);
            outcome = OwnFormat.ResultOf(route, header, OwnFormat.SetScript.Run(route.Database, [placed], arguments)).Outcome;
        }

        if (outcome != WriteOutcome.Done)
        {
            throw CopyErrors.Of(outcome, route.Shard);
        }
    }

    public void Refresh(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var placed = _own.KeyOf(key);
        RouteNow(placed).Database.ScriptEvaluate(DistributedScripts.Touch, [placed], ToTouch());
    }

    public void Remove(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var placed = _own.KeyOf(key);
        var route = RouteNow(placed);
        if (WarmReturn.IsOn(route) && !_own.Warm.Fence(route, placed))
        {
            throw CopyErrors.Of(WriteOutcome.StaleView, route.Shard);
        }

        OwnFormat.WasRemoved(route, OwnFormat.RemoveScript.Run(route.Database, [placed], _own.RemoveArguments(route, placed)));
        if (WarmReturn.IsOn(route) && !_own.Warm.KeepGone(route, placed))
        {
            throw CopyErrors.Of(WriteOutcome.StaleView, route.Shard);
        }
    }

    private bool Read(RedisKey placed, IBufferWriter<byte> destination)
    {
        var route = RouteNow(placed);
        var before = route.Origin?.Run;
        using var lease = LeaseOf(route, placed);
        if (lease is null || _own.Judge(route, placed, before, lease.Span, out var header) != CopyState.Valid)
        {
            return false;
        }

        destination.Write(lease.Span[header.Length..]);
        return true;
    }

    private static Lease<byte>? LeaseOf(in ShardRoute route, in RedisKey placed)
    {
        try
        {
            return route.Database.StringGetLease(placed);
        }
        catch (RedisServerException e) when (OwnFormat.IsForeign(e))
        {
            return null;
        }
    }

    private ShardRoute RouteNow(in RedisKey placed) => ImmediateRoute.Find(connector, placed, Policy);
}
