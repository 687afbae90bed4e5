using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>
/// The leader's care for what was recorded of the cluster: written anew, at most once a change, where it is missing, unreadable, or of another
/// state of the cluster than the present one, which a Go manager wrote. Used by the checker's loop alone.
/// </summary>
internal sealed class HistoryRepair(IZNodeStore client, string name, TimeProvider time, ILogger logger)
{
    private readonly ClusterReader _reader = new(client, time);
    private (ZKClusterRevision Cluster, long HistoryMzxid)? _settled;

    /// <summary>Looks at the record and writes it if it has to be.</summary>
    /// <param name="ownNode">The leader's own node; who has lost it writes nothing.</param>
    /// <param name="cluster">The cluster as it was read, dropped fields put back.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When it is as it should be, or something else changed first; that wakes the leader again.</returns>
    public async Task RunAsync(string ownNode, ZKClusterInfo cluster, CancellationToken cancellationToken)
    {
        var present = await client.ExistsAsync(ZKPaths.History(name), cancellationToken).ConfigureAwait(false);
        if (_settled == (cluster.Revision, present?.Mzxid ?? 0))
        {
            return;
        }

        var history = await _reader.ReadHistoryAsync(name, cancellationToken).ConfigureAwait(false);
        if (!history.IsOutdated(cluster.Version))
        {
            _settled = (cluster.Revision, history.Revision!.Value.Mzxid);
            return;
        }

        // The status as well: the floor is above every stamp in sight. Before the first decision nobody reads or writes through the cluster.
        if (await _reader.ReadStatusAsync(name, cancellationToken).ConfigureAwait(false) is not { } status)
        {
            return;
        }

        var earlier = HistoryRules.OnRecord(cluster with { History = history }, status.Statuses?.Values ?? []);
        var data = HistoryNode.Encode(cluster.Version, cluster.Options, cluster.Shards, history.Unknown, earlier);
        if (data.Length > HistoryNode.MaxBytes)
        {
            // Written by a Go manager, which has no limit; the server would cut the connection.
            Log.HistoryTooLarge(logger, name, data.Length);
            _settled = (cluster.Revision, history.Revision?.Mzxid ?? 0);
            return;
        }

        await WriteAsync(ownNode, cluster, history, status.Stat.Version, data, cancellationToken).ConfigureAwait(false);
    }

    private async Task WriteAsync(string ownNode, ZKClusterInfo cluster, HistoryNode history, int statusVersion, byte[] data, CancellationToken cancellationToken)
    {
        var path = ZKPaths.History(name);
        try
        {
            // The own node goes with the cluster: one made anew under this name, whose versions may be the same, is not touched.
            await client.MultiAsync(
                [
                    ZooKeeperOp.Check(ZKPaths.Cluster(name), cluster.Revision.Version),
                    ZooKeeperOp.Check(ZKPaths.Vote(name, ownNode)),
                    ZooKeeperOp.Check(ZKPaths.Status(name), statusVersion),
                    history.Revision is { } revision ? ZooKeeperOp.SetData(path, data, revision.Version) : ZooKeeperOp.Create(path, data, acl: cluster.Acl),
                ],
                cancellationToken).ConfigureAwait(false);
            Log.HistoryWritten(logger, name, cluster.Version);
        }
        catch (ZooKeeperMultiException e) when (e.Code is ZooKeeperErrorCode.BadVersion or ZooKeeperErrorCode.NoNode or ZooKeeperErrorCode.NodeExists)
        {
            Log.HistoryOvertaken(logger, name, e.Message);
        }
    }
}
