using StackExchange.Redis;

namespace RingKeeper.Simulator.Caches;

/// <summary>Routes by the view that its client has now, as the product's connector does.</summary>
internal sealed class SimulatedConnector(CacheWorld world, SimulatedClient client, IReadOnlyDictionary<string, ShardLink> links, TimeProvider clock) : IConnector, IRouteSource
{
    private TaskCompletionSource _changed = new();
    private ClusterView? _seen;
    private ClusterView? _used;
    private RouteOrigin[] _origins = [];
    private ViewAge? _age;

    public Task RoutesChanged => _changed.Task;

    public TimeProvider Time => clock;

    public ValueTask<ShardRoute> ConnectAsync(RedisKey key, RoutePolicy policy = RoutePolicy.Failover, CancellationToken cancellationToken = default)
    {
        if (View() is not { } view)
        {
            throw new ShardNotReadyException("The client has no view yet.");
        }

        var decision = view.Route((byte[])key!, policy);
        if (decision.Outcome != RouteOutcome.Served)
        {
            throw decision.Outcome == RouteOutcome.NotReady ? new ShardNotReadyException("A shard has no status yet.") : new NoShardAvailableException("All shards are dead.");
        }

        decision = world.Mutation?.Route?.Invoke(view, decision) ?? decision;
        var shard = view.Ring.Shards[decision.ShardIndex];
        if (CacheOperation.Current is { } operation)
        {
            (operation.View, operation.Addr) = (_seen, shard.Addr);
        }

        var link = links[shard.Addr];
        return new ValueTask<ShardRoute>(new ShardRoute(link.Database, shard, decision, _origins[decision.ShardIndex], readsAreMisses: false));
    }

    /// <summary>Where a key would go now; null where nowhere.</summary>
    public string? AddrOf(byte[] key) => client.View is { } view && view.Route(key, RoutePolicy.Failover) is { Outcome: RouteOutcome.Served } decision ? view.Ring.Shards[decision.ShardIndex].Addr : null;

    /// <summary>Hears that the client has another view.</summary>
    public void OnViewChanged()
    {
        _age = ViewAge.After(_age, client.View!, clock);
        var changed = _changed;
        _changed = new TaskCompletionSource();
        changed.SetResult();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // As a mutant has it.
    private ClusterView? View()
    {
        if (!ReferenceEquals(_seen, client.View))
        {
            _seen = client.View;
            _used = _seen is null ? null : world.Mutation?.View?.Invoke(_seen) ?? _seen;
            MakeOrigins();
        }

        return _used;
    }

    private void MakeOrigins()
    {
        var origins = new RouteOrigin[_used?.Ring.Shards.Count ?? 0];
        for (var i = 0; i < origins.Length; i++)
        {
            var link = links[_used!.Ring.Shards[i].Addr];
            origins[i] = new RouteOrigin(_used, i, link.Run) { Database = () => link.Database, Age = _age, Unconfirmed = () => client.Unconfirmed, Siblings = origins };
        }

        _origins = origins;
    }
}
