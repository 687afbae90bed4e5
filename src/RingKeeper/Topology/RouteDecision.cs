namespace RingKeeper;

/// <summary>Says how far a key may move from its owner.</summary>
public enum RoutePolicy
{
    /// <summary>The walk of the ring: a dead shard is passed if the cluster has failover enabled.</summary>
    Failover = 0,

    /// <summary>Never leaves the key's owner: for records that must not be split between shards.</summary>
    OwnerOnly = 1,
}

/// <summary>Says what became of a route.</summary>
public enum RouteOutcome
{
    /// <summary>A shard serves the key.</summary>
    Served = 0,

    /// <summary>A shard on the way has no status yet; the answer comes with a newer view.</summary>
    NotReady = 1,

    /// <summary>Every shard that may serve the key is dead.</summary>
    NoShardAvailable = 2,
}

/// <summary>Where a key goes in one <see cref="ClusterView"/>.</summary>
/// <param name="Outcome">What became of the route.</param>
/// <param name="ShardIndex">Served: the serving shard. NotReady: the shard without a status. NoShardAvailable: the key's owner. An index into the ring's shards.</param>
/// <param name="ValidSince">
/// Served: the epoch to write under, µs since the Unix epoch. A copy written under it or a later one is valid, and one written under a lower one is to be
/// taken for stale, unless it is known to be older than no change of the key's own walk. Otherwise 0.
/// </param>
public readonly record struct RouteDecision(RouteOutcome Outcome, int ShardIndex, long ValidSince)
{
    /// <summary>Served: a copy written under a lower epoch is stale for certain, µs; what lies between the two is worked out for the key.</summary>
    internal long LeastValidSince { get; init; } = ValidSince;
}
