namespace RingKeeper.IntegrationTests.Faults;

/// <summary>A change of a cluster's topology or status in ZooKeeper.</summary>
/// <param name="Mzxid">Its zxid.</param>
/// <param name="NotBefore">A time, µs, that its publication is not before.</param>
internal readonly record struct PublishedChange(long Mzxid, long NotBefore);

/// <summary>What a client's view held.</summary>
internal readonly record struct ViewVersions(long Topology, long Status)
{
    public static ViewVersions Of(ClusterView view) => new(view.TopologyVersion, view.StatusVersion);
}
