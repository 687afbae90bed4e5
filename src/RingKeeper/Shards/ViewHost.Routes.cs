using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Routes for commands: now or never, and several keys at once.</summary>
internal sealed partial class ViewHost : IShardRoutes
{
    /// <summary>The shards of the present view, each address once; null while there is none.</summary>
    public IReadOnlyList<ShardDoor>? Doors
    {
        get
        {
            var state = _state;
            return state.View is not { } view
                ? null
                : [.. state.Connections.Select((connection, i) => new ShardDoor(view.Ring.Shards[i], view.StatusOf(i), view.TopologyStamp, connection)).DistinctBy(door => door.Connection)];
        }
    }

    /// <inheritdoc/>
    public string Cluster => _cluster;

    /// <inheritdoc/>
    public TimeProvider Time => _options.TimeProvider;

    /// <inheritdoc/>
    public ILogger Logger => _options.Logger;

    /// <inheritdoc/>
    public PastMap[] Past => _state.Past;

    /// <inheritdoc/>
    bool IShardRoutes.IsDisposed => IsDisposed;

    private enum Placing
    {
        Served,
        Blocked,
        Crossing,
    }

    /// <inheritdoc/>
    public IDatabase Any
    {
        get
        {
            var state = _state;
            foreach (var connection in state.Connections)
            {
                if (connection.Database is { } database)
                {
                    return database;
                }
            }

            ObjectDisposedException.ThrowIf(IsDisposed, typeof(ViewHost));
            throw (state.View is null ? _whyNoView() : null) ?? new ShardNotReadyException($"No connection to a shard{_errors.OfCluster()} is open yet. Check the shards' addresses and ConfigureRedis.");
        }
    }

    /// <inheritdoc/>
    public ShardConnection? ConnectionOf(in RedisKey key, RoutePolicy policy)
    {
        var state = _state;
        return KeyRouting.Decide(state, key, policy) is { Outcome: RouteOutcome.Served } decision && !state.IsRefused ? state.Connections[decision.ShardIndex] : null;
    }

    /// <inheritdoc/>
    public void MoveChannels() => _movesChannels = true;

    /// <inheritdoc/>
    public IDatabase? TryServing(in RedisKey key, RoutePolicy policy)
    {
        var state = _state;
        return DatabaseOf(state, KeyRouting.Decide(state, key, policy));
    }

    /// <inheritdoc/>
    public ShardRoute Serving(in RedisKey key, RoutePolicy policy)
    {
        var state = _state;
        var decision = KeyRouting.Decide(state, key, policy);
        return DatabaseOf(state, decision) is { } database ? state.RouteOf(database, decision) : throw WhyNot(state, decision, policy);
    }

    /// <inheritdoc/>
    public ShardRoute Serving(in CommandKeys keys, RoutePolicy policy)
    {
        var state = _state;
        return Place(state, keys, policy, out var route, out var blocked) switch
        {
            Placing.Served => route,
            Placing.Blocked => throw WhyNot(state, KeyRouting.Decide(state, keys[blocked], policy), policy),
            _ => throw _errors.Crossing(state, keys, policy),
        };
    }

    /// <inheritdoc/>
    public ValueTask<ShardRoute> ConnectAsync(CommandKeys keys, RoutePolicy policy)
    {
        var state = _state;
        return Place(state, keys, policy, out var route, out var blocked) switch
        {
            Placing.Served => new ValueTask<ShardRoute>(route),
            Placing.Blocked => WaitForAllAsync(keys, blocked, policy),
            _ => ValueTask.FromException<ShardRoute>(_errors.Crossing(state, keys, policy)),
        };
    }

    /// <inheritdoc/>
    public KeyParts Partition(in CommandKeys keys, RoutePolicy policy)
    {
        var state = _state;
        return Divide(state, keys, policy, out var blocked) ?? throw WhyNot(state, KeyRouting.Decide(state, keys[blocked], policy), policy);
    }

    /// <inheritdoc/>
    public ValueTask<KeyParts> PartitionAsync(CommandKeys keys, RoutePolicy policy) =>
        Divide(_state, keys, policy, out var blocked) is { } parts ? new ValueTask<KeyParts>(parts) : WaitForPartsAsync(keys, blocked, policy);

    private async ValueTask<KeyParts> WaitForPartsAsync(CommandKeys keys, int blocked, RoutePolicy policy)
    {
        while (true)
        {
            await ConnectAsync(keys[blocked], policy, CancellationToken.None).ConfigureAwait(false);
            if (Divide(_state, keys, policy, out blocked) is { } parts)
            {
                return parts;
            }
        }
    }

    // Null: no shard serves the key that is blocked.
    private static KeyParts? Divide(ViewState state, in CommandKeys keys, RoutePolicy policy, out int blocked)
    {
        blocked = 0;
        var found = new List<(ShardConnection Connection, ShardRoute Route, List<int> Places)>();
        for (var i = 0; i < keys.Count; i++)
        {
            var decision = KeyRouting.Decide(state, keys[i], policy);
            if (DatabaseOf(state, decision) is not { } database)
            {
                blocked = i;
                return null;
            }

            var connection = state.Connections[decision.ShardIndex];
            var part = found.FindIndex(one => one.Connection == connection);
            if (part < 0)
            {
                part = found.Count;
                found.Add((connection, state.RouteOf(database, decision), []));
            }

            found[part].Places.Add(i);
        }

        return new KeyParts([.. found.Select(static one => new KeyPart(one.Route, one.Places))], keys);
    }

    private static IDatabase? DatabaseOf(ViewState state, in RouteDecision decision) =>
        decision.Outcome == RouteOutcome.Served && !state.IsRefused ? state.Connections[decision.ShardIndex].Database : null;

    // All keys are judged in one view: a swap between two of them must not tear them apart.
    private static Placing Place(ViewState state, in CommandKeys keys, RoutePolicy policy, out ShardRoute route, out int blocked)
    {
        route = default;
        blocked = 0;
        var shard = -1;
        var validSince = 0L;
        for (var i = 0; i < keys.Count; i++)
        {
            var decision = KeyRouting.Decide(state, keys[i], policy);
            if (DatabaseOf(state, decision) is null)
            {
                blocked = i;
                return Placing.Blocked;
            }

            if (shard >= 0 && state.Connections[decision.ShardIndex] != state.Connections[shard])
            {
                return Placing.Crossing;
            }

            shard = decision.ShardIndex;
            validSince = Math.Max(validSince, decision.ValidSince);
        }

        route = new ShardRoute(state.Connections[shard].Database!, state.View!.Ring.Shards[shard], validSince, state.ReadsAreMisses);
        return Placing.Served;
    }

    private async ValueTask<ShardRoute> WaitForAllAsync(CommandKeys keys, int blocked, RoutePolicy policy)
    {
        while (true)
        {
            await ConnectAsync(keys[blocked], policy, CancellationToken.None).ConfigureAwait(false);
            var state = _state;
            switch (Place(state, keys, policy, out var route, out blocked))
            {
                case Placing.Served:
                    return route;
                case Placing.Crossing:
                    throw _errors.Crossing(state, keys, policy);
            }
        }
    }

    private Exception WhyNot(ViewState state, in RouteDecision decision, RoutePolicy policy)
    {
        const string Now = "and a synchronous call does not wait. Use the asynchronous method, or try again";
        if (state.View is not { } view)
        {
            return IsDisposed ? new ObjectDisposedException(nameof(ViewHost)) : _whyNoView() ?? new ShardNotReadyException($"The shards{_errors.OfCluster()} are not known yet, {Now}.");
        }

        if (state.IsRefused)
        {
            return _errors.TooOld();
        }

        var shard = view.Ring.Shards[decision.ShardIndex];
        return decision.Outcome switch
        {
            RouteOutcome.NoShardAvailable => _errors.NoShardAvailable(view, decision.ShardIndex, policy),
            RouteOutcome.NotReady => new ShardNotReadyException($"Shard '{shard.Name}' ({shard.Addr}){_errors.OfCluster()} has no status yet, {Now}. Check that a checker runs for the cluster and probes this shard."),
            _ => _errors.NotOpen(state.Connections[decision.ShardIndex], shard, Now),
        };
    }
}
