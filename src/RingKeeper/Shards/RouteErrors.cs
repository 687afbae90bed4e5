namespace RingKeeper;

/// <summary>Says why a key has no route: what is the matter, with what, and what to do.</summary>
internal sealed class RouteErrors(ClusterOptions options, string cluster, Func<TimeSpan> viewAge)
{
    public NoShardAvailableException NoShardAvailable(ClusterView view, int owner, RoutePolicy policy)
    {
        var shard = view.Ring.Shards[owner];
        var why = policy == RoutePolicy.OwnerOnly ? "and the caller's policy OwnerOnly never leaves the owner"
            : !view.FailoverEnabled ? "and failover is not enabled"
            : "and so is every shard after it on the ring";
        return new NoShardAvailableException($"No shard{OfCluster()} is available for the key: its owner '{shard.Name}' ({shard.Addr}) is dead {why}. Bring the shard back, or try again when it is.");
    }

    public ShardNotReadyException NotReady(ClusterView? view, int index)
    {
        var shard = view?.Ring.Shards[index];
        return shard is null
            ? new ShardNotReadyException($"The shards{OfCluster()} are not known yet after {options.ReadyTimeout}. Check that the cluster exists and its source can be reached.")
            : new ShardNotReadyException($"Shard '{shard.Name}' ({shard.Addr}){OfCluster()} has no status yet after {options.ReadyTimeout}. Check that a checker runs for the cluster and probes this shard.");
    }

    public StaleViewException TooOld() => new(
        $"The view{OfCluster()} is too old: ZooKeeper last confirmed it {viewAge().TotalSeconds:0.#} s ago, and StaleViewPolicy is Refuse after {options.StaleViewAfter.TotalSeconds:0.###} s. "
        + "Bring ZooKeeper back or check the connection to it; lookups work again as soon as it has confirmed the view.");

    public string OfCluster() => cluster.Length == 0 ? "" : $" of cluster '{cluster}'";

    public RingKeeperException NotOpen(ShardConnection connection, Shard shard, string now)
    {
        var cause = connection.Opening.Exception?.InnerException;
        return new RingKeeperException($"The connection to shard '{shard.Name}' ({shard.Addr}){OfCluster()} is not open{(cause is null ? $" yet, {now}." : $": {cause.Message}")} Check its address and ConfigureRedis.", cause);
    }

    public CrossShardException Crossing(ViewState state, in CommandKeys keys, RoutePolicy policy)
    {
        var first = new Dictionary<ShardConnection, string>();
        for (var i = 0; i < keys.Count; i++)
        {
            if (KeyRouting.Decide(state, keys[i], policy) is { Outcome: RouteOutcome.Served } decision)
            {
                var shard = state.View!.Ring.Shards[decision.ShardIndex];
                first.TryAdd(state.Connections[decision.ShardIndex], $"key {i + 1} {RedisKeyBytes.Quote(keys[i])} on '{shard.Name}' ({shard.Addr})");
            }
        }

        return new CrossShardException(
            $"The {keys.Count} keys of {keys.Command} lie on {first.Count} shards{OfCluster()}: {string.Join(", ", first.Values.Take(4))}{(first.Count > 4 ? ", …" : "")}. "
            + "One command runs on one server: send one command a shard, or keep such keys together by a hash tag, as in {user7}:cart and {user7}:orders, on a ring that has one.");
    }
}
