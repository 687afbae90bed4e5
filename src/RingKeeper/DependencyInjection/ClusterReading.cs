using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>What this process knows of a cluster at one moment; for its health check.</summary>
/// <param name="Cluster">Its name.</param>
/// <param name="View">What is known of its shards; null while it is not connected.</param>
/// <param name="ViewAge">How long ZooKeeper has not vouched for the view.</param>
/// <param name="Session">The state of the ZooKeeper session.</param>
internal sealed record ClusterReading(string Cluster, ClusterView? View, TimeSpan ViewAge, SessionState Session)
{
    /// <summary>Gets why what ZooKeeper holds of the cluster cannot be used, or null.</summary>
    public string? Unreadable { get; init; }

    /// <summary>Gets what keeps the session from its servers, or null.</summary>
    public string? ZooKeeperTrouble { get; init; }

    /// <summary>Gets how long ago a ZooKeeper server was last heard, or null.</summary>
    public TimeSpan? SinceContact { get; init; }

    /// <summary>Gets whether the view is too old for lookups.</summary>
    public bool RefusesLookups { get; init; }

    /// <summary>Gets what is wrong with connections to shards, by address.</summary>
    public IReadOnlyDictionary<string, ShardConnectionTrouble> Connections { get; init; } = new Dictionary<string, ShardConnectionTrouble>();
}
