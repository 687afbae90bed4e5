using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>The cluster as a checker probes it: read from ZooKeeper and handed to the probes. Used by the checker's loop alone.</summary>
internal sealed class CheckedTopology(IZNodeStore client, string name, IShardObserver local, TimeProvider time, ILogger logger)
{
    private readonly ClusterReader _reader = new(client, time);
    private readonly TopologyAlarms _alarms = new(name, logger);

    /// <summary>The cluster, or null while it is gone.</summary>
    public ZKClusterInfo? Cluster { get; private set; }

    /// <summary>Reads the cluster and probes its shards.</summary>
    /// <returns>Whether it is another cluster than before, made anew under its name: nothing from before counts.</returns>
    public async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        var known = Cluster?.Revision;
        Cluster = await _reader.ReadAsync(name, cancellationToken).ConfigureAwait(false);
        if (Cluster is null)
        {
            local.SetShards([]);
        }
        else if (Cluster.Revision != known)
        {
            local.SetFlapPolicy(Cluster.Options.FlapPolicy);
            local.SetShards(Probeable(Cluster.Shards));
            var drained = string.Join(", ", Cluster.Shards.Where(static s => s.Drained).Select(static s => s.Name));
            Log.CheckerTopology(logger, name, Cluster.Shards.Count, drained.Length == 0 ? "" : $", drained: {drained}");
            _alarms.Tell(Cluster);
        }

        return Cluster?.Revision.Czxid != known?.Czxid;
    }

    /// <summary>What the probes say of the cluster's shards now, by address, and how old that is.</summary>
    public IReadOnlyDictionary<string, SeenShard> Look()
    {
        var seen = new Dictionary<string, SeenShard>(StringComparer.Ordinal);
        foreach (var shard in Cluster!.Shards)
        {
            if (local.Observe(shard.Addr) is { } known)
            {
                seen[shard.Addr] = new SeenShard(known, known.ProbedAt == 0 ? null : time.GetElapsedTime(known.ProbedAt));
            }
        }

        return seen;
    }

    // One address that cannot be read must not keep the others from being checked; its shard gets no vote.
    private List<Shard> Probeable(IReadOnlyList<Shard> shards)
    {
        var probeable = new List<Shard>(shards.Count);
        foreach (var shard in shards)
        {
            if (ShardAddress.TryParse(shard.Addr, out _))
            {
                probeable.Add(shard);
            }
            else
            {
                Log.UnreadableAddress(logger, name, shard.Name, shard.Addr);
            }
        }

        return probeable;
    }
}
