namespace RingKeeper;

/// <summary>A view in a form that outlives its process.</summary>
/// <param name="Cluster">The cluster as ZooKeeper had it; its version is the view's topology stamp.</param>
/// <param name="StatusVersion">The mzxid of the status.</param>
/// <param name="Statuses">The statuses by address.</param>
/// <param name="ConfirmedAt">When ZooKeeper last vouched for it, by this machine's clock.</param>
internal sealed record ViewSnapshot(ZKClusterInfo Cluster, long StatusVersion, IReadOnlyDictionary<string, ShardStatus> Statuses, DateTimeOffset ConfirmedAt)
{
    public static ViewSnapshot Of(ZKClusterInfo cluster, ClusterView view, DateTimeOffset confirmedAt) =>
        new(cluster with { Version = view.TopologyStamp }, view.StatusVersion, view.Statuses, confirmedAt);

    /// <summary>Builds the view.</summary>
    /// <exception cref="RingKeeperException">No ring can be built.</exception>
    public ClusterView ToView(IRingBuilder builder) => new(
        builder.Build(Cluster.Shards), Cluster.Options.FailoverEnabled, Cluster.Revision.Mzxid, Cluster.Version, StatusVersion, Statuses);
}
