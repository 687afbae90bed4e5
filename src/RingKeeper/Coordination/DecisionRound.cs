using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>What came of a leader's count.</summary>
internal enum RoundOutcome
{
    /// <summary>The status is as the votes want it.</summary>
    Settled,

    /// <summary>This checker's node is not the first one, or not its own any more.</summary>
    NotLeading,

    /// <summary>The cluster was changed; read it again first.</summary>
    TopologyChanged,
}

/// <summary>A count and everything it rests on, as it was read.</summary>
internal sealed record CountedRound(Stat Cluster, IReadOnlyList<Acl>? Acl, StatusNode? Status, IReadOnlyList<Vote> Votes, BallotResult Result);

/// <summary>
/// The leader's count: reads everything the decision rests on and publishes it in one multi that checks that all of it still stands,
/// so that a paused, cut-off or replaced leader cannot write. Any mismatch: read again and recount.
/// </summary>
internal sealed class DecisionRound(IZNodeStore client, ZKCheckerOptions options, ILogger logger)
{
    private const int PatientAttempts = 3;
    private const int MaxAttempts = 20;
    private static readonly TimeSpan PruneAfter = TimeSpan.FromHours(1);

    private readonly string name = options.ClusterName;
    private readonly TimeProvider time = options.TimeProvider;
    private readonly ClusterReader _reader = new(client, options.TimeProvider);

    // By address, the highest Since read or written since the cluster was made: a Go leader can write a lower one.
    private ImmutableDictionary<string, ShardStatus> _published = ImmutableDictionary.Create<string, ShardStatus>(StringComparer.Ordinal);
    private long _publishedOf;

    public async Task<RoundOutcome> RunAsync(string ownNode, long sessionId, ZKClusterInfo topology, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await CountAsync(topology, cancellationToken).ConfigureAwait(false) is not { } count)
            {
                return RoundOutcome.TopologyChanged;
            }

            if (count.Votes.Count == 0 || count.Votes[0].Node != ownNode || count.Votes[0].Owner != sessionId)
            {
                return RoundOutcome.NotLeading;
            }

            if (!count.Result.IsChange || await TryPublishAsync(count, count.Votes[0], [], attempt, cancellationToken).ConfigureAwait(false))
            {
                return RoundOutcome.Settled;
            }
        }
    }

    /// <summary>Reads and counts; null where the cluster is not the one that is known.</summary>
    public async Task<CountedRound?> CountAsync(ZKClusterInfo topology, CancellationToken cancellationToken)
    {
        var clusterRead = client.ExistsAsync(ZKPaths.Cluster(name), cancellationToken);
        var statusRead = _reader.ReadStatusAsync(name, cancellationToken);
        var votesRead = ReadVotesAsync(cancellationToken);

        // All are awaited, also when the first fails: a failure that nobody observes is told to the whole process.
        await Task.WhenAll(clusterRead, statusRead, votesRead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var status = await statusRead.ConfigureAwait(false);
        var votes = await votesRead.ConfigureAwait(false);
        if (await clusterRead.ConfigureAwait(false) is not { } cluster || cluster.Mzxid != topology.Revision.Mzxid)
        {
            return null;
        }

        if (status is null && await client.ExistsAsync(ZKPaths.Shards(name), cancellationToken).ConfigureAwait(false) is null)
        {
            // A Go manager deletes part after part, and keeps the rest where checkers run: there is nothing left to decide about.
            return null;
        }

        if (_publishedOf != cluster.Czxid)
        {
            (_published, _publishedOf) = (_published.Clear(), cluster.Czxid);
        }

        var statuses = status?.Statuses ?? ImmutableDictionary<string, ShardStatus>.Empty;
        Remember(statuses);
        var result = Ballot.Count(new BallotPaper(topology.Shards, statuses, votes, topology.Options.ExpectedCheckers, topology.Stamp, Stamps.Now(time))
        {
            Published = _published,
            MayPrune = time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(cluster.Mtime) >= PruneAfter,
        });
        return new CountedRound(cluster, topology.Acl, status, votes, result);
    }

    private void Remember(ImmutableDictionary<string, ShardStatus> status)
    {
        foreach (var (addr, entry) in status)
        {
            if (!_published.TryGetValue(addr, out var known) || known.Since < entry.Since)
            {
                _published = _published.SetItem(addr, entry);
            }
        }
    }

    /// <summary>Builds the fenced write: own node, the cluster and every vote it rests on must stand as they were read.</summary>
    internal static List<ZooKeeperOp> FencedWrite(string name, BallotResult result, Vote own, int clusterVersion, int? statusVersion, IReadOnlyList<Acl>? acl = null)
    {
        var data = ZNodeCodec.EncodeStatuses(result.Status);
        List<ZooKeeperOp> operations = [ZooKeeperOp.Check(ZKPaths.Cluster(name), clusterVersion)];
        if (!result.RestsOn.Contains(own))
        {
            operations.Add(ZooKeeperOp.Check(ZKPaths.Vote(name, own.Node), own.Version));
        }

        if (statusVersion is null)
        {
            // What is left of a cluster that a Go manager deleted gets no status again.
            operations.Add(ZooKeeperOp.Check(ZKPaths.Shards(name)));
        }

        operations.AddRange(result.RestsOn.Select(v => ZooKeeperOp.Check(ZKPaths.Vote(name, v.Node), v.Version)));
        operations.Add(statusVersion is { } version
            ? ZooKeeperOp.SetData(ZKPaths.Status(name), data, version)
            : ZooKeeperOp.Create(ZKPaths.Status(name), data, acl: acl));
        return operations;
    }

    /// <summary>Writes the outcome of a count, together with what must not happen without it.</summary>
    /// <returns>False if anything it rests on has changed: count again.</returns>
    public async Task<bool> TryPublishAsync(CountedRound count, Vote own, IEnumerable<ZooKeeperOp> together, int attempt, CancellationToken cancellationToken)
    {
        var result = count.Result;
        try
        {
            await client.MultiAsync([.. FencedWrite(name, result, own, count.Cluster.Version, count.Status?.Stat.Version, count.Acl), .. together], cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperMultiException e) when (attempt < MaxAttempts && e.Code is ZooKeeperErrorCode.BadVersion or ZooKeeperErrorCode.NoNode or ZooKeeperErrorCode.NodeExists)
        {
            Log.Recount(logger, name, e.Message);
            if (attempt >= PatientAttempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10 + (40 * options.Random.NextDouble())), time, cancellationToken).ConfigureAwait(false);
            }

            return false;
        }

        Remember(result.Status);
        if (result.Raised.Length > 0)
        {
            Log.SinceRaised(logger, name, string.Join(", ", result.Raised));
        }

        foreach (var addr in result.Pruned)
        {
            Log.Pruned(logger, name, addr);
        }

        foreach (var flip in result.Flips)
        {
            Log.Decided(logger, name, flip.ToString());
        }

        return true;
    }

    // In the order of election; a node that goes while it is read is simply not there.
    private async Task<List<Vote>> ReadVotesAsync(CancellationToken cancellationToken)
    {
        var children = await client.GetChildrenAsync(ZKPaths.LocalStatus(name), cancellationToken).ConfigureAwait(false);
        var votes = await Task.WhenAll(Election.InOrder(children.Names).Select(n => TryReadVoteAsync(n, cancellationToken))).ConfigureAwait(false);
        return [.. votes.OfType<Vote>()];
    }

    private async Task<Vote?> TryReadVoteAsync(string node, CancellationToken cancellationToken)
    {
        var path = ZKPaths.Vote(name, node);
        try
        {
            var (data, stat) = await client.GetDataAsync(path, cancellationToken).ConfigureAwait(false);
            return new Vote(node, stat.Version, stat.EphemeralOwner, stat.Mtime, TryDecode(path, node, data)) { Mzxid = stat.Mzxid };
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            return null;
        }
    }

    private ImmutableDictionary<string, VoteEntry>? TryDecode(string path, string node, byte[] data)
    {
        try
        {
            return ZNodeCodec.DecodeVote(path, data);
        }
        catch (RingKeeperException e)
        {
            Log.VoteUnreadable(logger, name, node, e.Message);
            return null;
        }
    }
}
