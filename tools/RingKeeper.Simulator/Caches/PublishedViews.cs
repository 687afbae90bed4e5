using RingKeeper.ZooKeeper.Embedded.Tree;

namespace RingKeeper.Simulator.Caches;

/// <summary>When each topology and each status was published.</summary>
/// <param name="allowedLateness">How late after its stamp a change may be published, for copies judged by clocks; null where that is not looked at.</param>
internal sealed class PublishedViews(TimeSpan? allowedLateness)
{
    private readonly List<(long Zxid, long At)> _topologies = [];
    private readonly List<(long Zxid, long At)> _statuses = [];

    private readonly HashSet<long> _late = [];
    private long _largestStamp;

    /// <summary>Whether a key's epoch, or the stamp of a Go manager that counts besides, was published later after its time than copies judged by clocks allow for.</summary>
    public bool IsLate(long epoch, long unrecorded) => _late.Contains(Math.Max(epoch, unrecorded));

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

    private void Note(Commit commit, long now, string path, List<(long Zxid, long At)> list)
    {
        if (commit.Operations.Any(o => o is SetDataOperation or CreateOperation && o.Path == path))
        {
            list.Add((commit.Zxid, now));
            NoteStamps(commit, now, path);
        }
    }

    private void NoteStamps(Commit commit, long now, string path)
    {
        var data = commit.Operations.Where(o => o.Path == path).Select(static o => o is SetDataOperation set ? set.Data : o is CreateOperation create ? create.Data : null).Last(static d => d is not null)!;
        var largest = path == ZKPaths.Cluster(Simulation.Cluster) ? ZNodeCodec.DecodeStamp(data) : ZNodeCodec.DecodeStatuses(path, data)?.Values.Select(static s => s.Since).DefaultIfEmpty().Max() ?? 0;
        var time = (ProcessClock.Start - DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(now)).Ticks / TimeSpan.TicksPerMicrosecond;
        if (largest > _largestStamp && allowedLateness is { } allowed && time - largest > allowed.TotalMicroseconds)
        {
            _late.Add(largest);
        }

        _largestStamp = Math.Max(_largestStamp, largest);
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
