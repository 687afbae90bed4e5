using RingKeeper.ZooKeeper.Embedded.Tree;

namespace RingKeeper.Simulator.Caches;

/// <summary>When each topology and each status was published.</summary>
internal sealed class PublishedViews
{
    private readonly List<(long Zxid, long At)> _topologies = [];
    private readonly List<(long Zxid, long At)> _statuses = [];

    public void Note(Commit commit, long now)
    {
        if (!commit.Succeeded || commit.EndsSession)
        {
            return;
        }

        Note(commit, now, ZKPaths.Cluster(Simulation.Cluster), _topologies);
        Note(commit, now, ZKPaths.Status(Simulation.Cluster), _statuses);
    }

    public bool IsNewest(ClusterView view) => Unseen(_topologies, view.TopologyVersion) is null && Unseen(_statuses, view.StatusVersion) is null;

    /// <summary>When the oldest change was published that a view does not know; null where it knows all.</summary>
    public long? OldestUnseen(ClusterView view)
    {
        var (topology, status) = (Unseen(_topologies, view.TopologyVersion), Unseen(_statuses, view.StatusVersion));
        return topology is null ? status : status is null ? topology : Math.Min(topology.Value, status.Value);
    }

    private static void Note(Commit commit, long now, string path, List<(long Zxid, long At)> list)
    {
        if (commit.Operations.Any(o => o is SetDataOperation or CreateOperation && o.Path == path))
        {
            list.Add((commit.Zxid, now));
        }
    }

    private static long? Unseen(List<(long Zxid, long At)> list, long version)
    {
        long? oldest = null;
        for (var i = list.Count - 1; i >= 0 && list[i].Zxid > version; i--)
        {
            oldest = list[i].At;
        }

        return oldest;
    }
}
