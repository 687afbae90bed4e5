using System.Collections.Immutable;

namespace RingKeeper;

/// <summary>What a client reads to make a view, and how the next one follows from it.</summary>
internal static class ViewSteps
{
    /// <summary>Reads topology and status; null where there is no cluster.</summary>
    public static async Task<(ZKClusterInfo Topology, StatusNode? Status)?> ReadAsync(ClusterReader reader, string name, CancellationToken cancellationToken)
    {
        if (await reader.ReadAsync(name, cancellationToken).ConfigureAwait(false) is not { } topology)
        {
            return null;
        }

        var status = await reader.ReadStatusAsync(name, cancellationToken).ConfigureAwait(false);
        if (!topology.History.IsOutdated(topology.Version))
        {
            return (topology, status);
        }

        // The floor rests on the status then, which must not be newer than the record that may be repaired any moment.
        return await reader.ReadAsync(name, cancellationToken).ConfigureAwait(false) is { } again ? (again, status) : null;
    }

    /// <summary>Makes the next view; null where nothing is newer. Versions repeat when a znode is made anew, mzxids do not. Pure.</summary>
    /// <param name="view">The present view, or null before the first.</param>
    /// <param name="ring">The ring of <paramref name="topology"/>, asked for only where it is a newer one.</param>
    /// <param name="topology">The topology as it was read.</param>
    /// <param name="status">The status as it was read before.</param>
    /// <param name="replaces">Whether it takes the place of the present view whatever its version: that one came from a snapshot.</param>
    public static ClusterView? Next(ClusterView? view, Func<HashRing> ring, ZKClusterInfo topology, StatusNode? status, bool replaces = false)
    {
        var statusVersion = status?.Statuses is null ? 0 : status.Stat.Mzxid;
        var statuses = ByInnerAddress(status?.Statuses);
        var history = HistoryRules.InEffect(topology, statuses.Values);
        var (failover, mzxid) = (topology.Options.FailoverEnabled, topology.Revision.Mzxid);
        if (view is null)
        {
            return new ClusterView(ring(), failover, mzxid, history, statusVersion, statuses, CopyRules.Of(topology.Options));
        }

        var hasNewStatus = replaces || statusVersion > view.StatusVersion;
        if (!replaces && mzxid < view.TopologyVersion)
        {
            return hasNewStatus ? view.WithStatuses(statusVersion, statuses) : null;
        }

        // Epochs never go down: what was stale under one would be valid under a lower one. So it may be after another life of the cluster.
        if (history.Newest < view.TopologyStamp)
        {
            history = new TopologyHistory(view.TopologyStamp, []) { Unrecorded = history.Unrecorded };
        }
        else if (history.Floor < view.History.Floor)
        {
            history = new TopologyHistory(view.History.Floor, history.Earlier) { Unrecorded = history.Unrecorded };
        }

        var isNewer = replaces || mzxid > view.TopologyVersion;
        var hasNewHistory = isNewer || (history.Floor, history.Newest) != (view.History.Floor, view.History.Newest);
        return (hasNewHistory, hasNewStatus) switch
        {
            (false, false) => null,
            (false, true) => view.WithStatuses(statusVersion, statuses),
            _ => view.WithTopology(isNewer ? ring() : view.Ring, failover, mzxid, history, hasNewStatus ? statusVersion : view.StatusVersion, hasNewStatus ? statuses : null, CopyRules.Of(topology.Options)),
        };
    }

    /// <summary>Clients go by the inner Addr, as Go's do; the count goes by the key.</summary>
    public static ImmutableDictionary<string, ShardStatus> ByInnerAddress(IReadOnlyDictionary<string, ShardStatus>? statuses)
    {
        var byAddr = ImmutableDictionary.CreateBuilder<string, ShardStatus>(StringComparer.Ordinal);
        foreach (var status in statuses?.Values ?? [])
        {
            if (status.Addr.Length > 0)
            {
                byAddr[status.Addr] = status;
            }
        }

        return byAddr.ToImmutable();
    }
}
