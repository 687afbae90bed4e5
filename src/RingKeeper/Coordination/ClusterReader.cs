using System.Collections.Immutable;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>Reads a cluster from ZooKeeper so that all parts are from one moment.</summary>
internal sealed class ClusterReader(IZNodeStore client, TimeProvider time)
{
    private const int MaxAttempts = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Reads a cluster; null where there is none.</summary>
    /// <exception cref="RingKeeperException">The cluster is half-made, half-changed or cannot be read.</exception>
    public async Task<ZKClusterInfo?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var (info, settled) = await TryReadAsync(name, cancellationToken).ConfigureAwait(false);
                if (settled)
                {
                    return info;
                }

                if (attempt == MaxAttempts)
                {
                    throw new RingKeeperException($"Cluster '{name}' looks half-changed: its shards or options are newer than {ZKPaths.Cluster(name)}. A manager may have died while writing; update the cluster again.");
                }
            }
            catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
            {
                if (await client.ExistsAsync(ZKPaths.Cluster(name), cancellationToken).ConfigureAwait(false) is null)
                {
                    return null;
                }

                if (attempt == MaxAttempts)
                {
                    throw new RingKeeperException($"Cluster '{name}' is half-made: {e.Path} is missing. Delete it and create it again.", e);
                }
            }

            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the agreed status; null where there is none yet.</summary>
    public async Task<StatusNode?> ReadStatusAsync(string name, CancellationToken cancellationToken)
    {
        var path = ZKPaths.Status(name);
        try
        {
            var (data, stat) = await client.GetDataAsync(path, cancellationToken).ConfigureAwait(false);
            return new StatusNode(ZNodeCodec.DecodeStatuses(path, data), stat);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            return null;
        }
    }

    /// <summary>Reads what was recorded of the cluster; never an error of its content.</summary>
    public async Task<HistoryNode> ReadHistoryAsync(string name, CancellationToken cancellationToken)
    {
        var path = ZKPaths.History(name);
        try
        {
            var (data, stat) = await client.GetDataAsync(path, cancellationToken).ConfigureAwait(false);
            return HistoryNode.Decode(path, data) with { Revision = (stat.Version, stat.Mzxid) };
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            return HistoryNode.Missing;
        }
    }

    private async Task<(ZKClusterInfo? Info, bool Settled)> TryReadAsync(string name, CancellationToken cancellationToken)
    {
        // Sent in one go: answers come in order, so the last one closes the bracket that the first one opened.
        var before = client.GetDataAsync(ZKPaths.Cluster(name), cancellationToken);
        var shards = client.GetDataAsync(ZKPaths.Shards(name), cancellationToken);
        var options = client.GetDataAsync(ZKPaths.Options(name), cancellationToken);
        var recorded = ReadHistoryAsync(name, cancellationToken);
        var acl = client.GetAclAsync(ZKPaths.Cluster(name), cancellationToken);
        var after = client.GetDataAsync(ZKPaths.Cluster(name), cancellationToken);
        await Task.WhenAll(before, shards, options, recorded, acl, after).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // The cluster's own node first: it names what fails before its parts do.
        var stat = (await before.ConfigureAwait(false)).Stat;
        var (stamp, last) = await after.ConfigureAwait(false);
        var (shardData, shardStat) = await shards.ConfigureAwait(false);
        var (optionData, optionStat) = await options.ConfigureAwait(false);
        if (stat.Mzxid != last.Mzxid || IsNewer(shardStat, last) || IsNewer(optionStat, last))
        {
            return (null, false);
        }

        // First each znode by itself, so that an error names it.
        ZNodeCodec.DecodeOptions(ZKPaths.Options(name), optionData);
        ZNodeCodec.DecodeShards(ZKPaths.Shards(name), shardData);
        var history = await recorded.ConfigureAwait(false);
        var (fullOptions, restoredOptions) = RecordedFields.RestoreOptions(optionData, history);
        var (fullShards, restoredShards) = RecordedFields.RestoreShards(optionData, shardData, history);
        var decoded = ZNodeCodec.DecodeShards(ZKPaths.Shards(name), fullShards);
        foreach (var shard in decoded)
        {
            if (shard.Addr.Length == 0)
            {
                throw new RingKeeperException($"The znode {ZKPaths.Shards(name)} holds a shard '{shard.Name}' without an address. Update the cluster with a complete list.");
            }
        }

        return (new ZKClusterInfo(name, ZNodeCodec.DecodeStamp(stamp), ZNodeCodec.DecodeOptions(ZKPaths.Options(name), fullOptions), decoded)
        {
            RestoredFields = [.. restoredOptions, .. restoredShards],
            History = history,
            Revision = new ZKClusterRevision(last.Czxid, last.Mzxid, last.Version),
            Changed = last.Mtime,
            PartVersions = (shardStat.Version, optionStat.Version),
            Acl = ClusterAcl.ToInherit((await acl.ConfigureAwait(false)).Acl),
        }, true);
    }

    // Go writes shards, options and the cluster's own node one by one, the latter last; parts never changed since their creation are fine.
    private static bool IsNewer(Stat part, Stat cluster) => part.Version > 0 && part.Mzxid > cluster.Mzxid;
}

/// <summary>The status node of a cluster as it was read.</summary>
/// <param name="Statuses">What it says, by key; null for Go's <c>null</c>.</param>
/// <param name="Stat">Its description.</param>
internal sealed record StatusNode(ImmutableDictionary<string, ShardStatus>? Statuses, Stat Stat);
