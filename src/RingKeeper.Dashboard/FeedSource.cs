using RingKeeper.ZooKeeper;

namespace RingKeeper.Dashboard;

/// <summary>Where a feed learns of its cluster.</summary>
/// <param name="Id">The name by which the dashboard knows the cluster: its own, or one that tells it from another of that name.</param>
/// <param name="Cluster">The cluster's name.</param>
internal sealed record FeedSource(string Id, string Cluster)
{
    /// <summary>Reads what this process knows of it now.</summary>
    public required Func<(ClusterReading Reading, SessionSnapshot Session)> Read { get; init; }

    /// <summary>Follows the views of this process's client.</summary>
    public required Func<CancellationToken, IAsyncEnumerable<ClusterView>> Views { get; init; }

    /// <summary>Follows the fleet in ZooKeeper; null while this process has no session for it yet.</summary>
    public required Func<CancellationToken, IAsyncEnumerable<FleetNews>?> News { get; init; }

    /// <summary>Asks a shard's server.</summary>
    public required Func<string, CancellationToken, Task<ShardFacts>> Ask { get; init; }

    /// <summary>Makes the source of a client, which may still have to be connected.</summary>
    /// <param name="id">The name by which the dashboard knows it.</param>
    /// <param name="cluster">The client; it stays the caller's.</param>
    /// <param name="facts">Asks the shards' servers.</param>
    public static FeedSource Of(string id, ZKCluster cluster, ShardFactsReader facts)
    {
        FleetFollower? follower = null;
        return new FeedSource(id, cluster.Name)
        {
            Read = () => (cluster.Reading, cluster.Session),
            Views = cluster.WatchViewsAsync,
            News = ct => cluster.Client is { } client ? (follower ??= new FleetFollower(ZKConnector.Over(client), cluster.Name)).WatchAsync(ct) : null,
            Ask = facts.ReadAsync,
        };
    }
}
