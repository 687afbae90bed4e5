using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>The cluster as a checker probes it: read from ZooKeeper, handed to the probes, and turned into the vote. Used by the checker's loop alone.</summary>
internal sealed class CheckedTopology(IZNodeStore client, string name, IShardObserver local, TimeProvider time, ILogger logger)
{
    private readonly ClusterReader _reader = new(client, time);
    private readonly TopologyAlarms _alarms = new(name, logger);
    private (ZKClusterInfo Cluster, IReadOnlyDictionary<string, ShardObservation> Known, byte[] Data)? _vote;

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
            local.SetShards(Probeable(Cluster.Shards));
            Log.CheckerTopology(logger, name, Cluster.Shards.Count);
            _alarms.Tell(Cluster);
        }

        return Cluster?.Revision.Czxid != known?.Czxid;
    }

    /// <summary>Drafts the vote from what the probes say; the same bytes until they say something else. A shard without a verdict is left out: that is how a checker abstains.</summary>
    public VoteDraft DraftVote()
    {
        var known = local.Observations;
        var abstentions = 0;
        var vote = ImmutableDictionary.CreateBuilder<string, VoteEntry>(StringComparer.Ordinal);
        foreach (var shard in Cluster!.Shards)
        {
            if (known.GetValueOrDefault(shard.Addr) is { Alive: { } alive } seen)
            {
                vote[shard.Addr] = new VoteEntry(new ShardStatus(shard.Addr, alive, seen.Since) { RunId = seen.RunId, Role = seen.Role }) { Seen = Stamps.Now(time) };
            }
            else if (known.GetValueOrDefault(shard.Addr) is { IsAbstaining: true } || !ShardAddress.TryParse(shard.Addr, out _))
            {
                abstentions++;
            }
        }

        if (_vote is not { } last || last.Cluster != Cluster || last.Known != known)
        {
            _vote = last = (Cluster, known, ZNodeCodec.EncodeVote(vote));
        }

        return new VoteDraft(last.Data, Cluster.Shards.Count, vote.Count, abstentions);
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

/// <summary>A vote as it is about to be written.</summary>
/// <param name="Data">Its bytes.</param>
/// <param name="Shards">How many shards the cluster has.</param>
/// <param name="Verdicts">On how many the vote says something.</param>
/// <param name="Abstentions">On how many it says nothing on purpose.</param>
internal sealed record VoteDraft(byte[] Data, int Shards, int Verdicts, int Abstentions);
