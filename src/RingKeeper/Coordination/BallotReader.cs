using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>What a count rests on, as it was read.</summary>
/// <param name="Cluster">The cluster's own node.</param>
/// <param name="Status">The status; null before the first decision.</param>
/// <param name="Votes">The votes in the order of election.</param>
/// <param name="Decisions">The last decisions.</param>
/// <param name="LineVersion">The version of localstatus as the line was read: each checker of ours that joins or changes its vote raises it. Null where there is none.</param>
internal sealed record BallotNodes(Stat Cluster, StatusNode? Status, IReadOnlyList<Vote> Votes, DecisionsState Decisions, int? LineVersion)
{
    /// <summary>The statuses; none before the first decision.</summary>
    public ImmutableDictionary<string, ShardStatus> Statuses { get; } = Status?.Statuses ?? ImmutableDictionary.Create<string, ShardStatus>(StringComparer.Ordinal);
}

/// <summary>The last decisions as they were read.</summary>
/// <param name="Decisions">The decisions, newest first; none where they cannot be read.</param>
/// <param name="Version">The version of their znode; null where there is none yet.</param>
/// <param name="Trouble">Why they cannot be read, or null.</param>
internal sealed record DecisionsState(ImmutableArray<Decision> Decisions, int? Version, string? Trouble);

/// <summary>Reads everything that a count rests on. What did not change is not decoded again. Used by one caller at a time.</summary>
internal sealed class BallotReader(IZNodeStore client, string name, TimeProvider time, ILogger logger)
{
    private readonly ClusterReader _reader = new(client, time);
    private Dictionary<string, Vote> _votes = new(StringComparer.Ordinal);
    private (long Mzxid, DecisionsState State)? _decisions;

    /// <summary>Reads it all; null where the cluster is not the one that is known, or half of it is gone.</summary>
    public async Task<BallotNodes?> ReadAsync(ZKClusterInfo topology, CancellationToken cancellationToken)
    {
        var clusterRead = client.ExistsAsync(ZKPaths.Cluster(name), cancellationToken);
        var statusRead = _reader.ReadStatusAsync(name, cancellationToken);
        var decisionsRead = ReadDecisionsAsync(cancellationToken);
        var votesRead = ReadVotesAsync(cancellationToken);

        // All are awaited, also when the first fails: a failure that nobody observes is told to the whole process.
        await Task.WhenAll(clusterRead, statusRead, decisionsRead, votesRead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var status = await statusRead.ConfigureAwait(false);
        var (votes, lineVersion) = await votesRead.ConfigureAwait(false);
        if (await clusterRead.ConfigureAwait(false) is not { } cluster || cluster.Mzxid != topology.Revision.Mzxid)
        {
            return null;
        }

        if (status is null && await client.ExistsAsync(ZKPaths.Shards(name), cancellationToken).ConfigureAwait(false) is null)
        {
            // A Go manager deletes part after part, and keeps the rest where checkers run: there is nothing left to decide about.
            return null;
        }

        return new BallotNodes(cluster, status, votes, await decisionsRead.ConfigureAwait(false), lineVersion);
    }

    /// <summary>Reads the last decisions; what cannot be read is told in the state.</summary>
    public async Task<DecisionsState> ReadDecisionsAsync(CancellationToken cancellationToken)
    {
        var path = ZKPaths.Decisions(name);
        try
        {
            var (data, stat) = await client.GetDataAsync(path, cancellationToken).ConfigureAwait(false);
            if (_decisions is not { } known || known.Mzxid != stat.Mzxid)
            {
                known = (stat.Mzxid, Decode(path, data, stat));
                _decisions = known;
            }

            return known.State;
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            return new DecisionsState([], null, null);
        }
    }

    private DecisionsState Decode(string path, byte[] data, Stat stat)
    {
        try
        {
            return new DecisionsState(DecisionsNode.Decode(path, data, stat.Mtime), stat.Version, null);
        }
        catch (RingKeeperException e)
        {
            // A record for people must not keep the checkers from deciding.
            Log.DecisionsUnreadable(logger, name, e.Message);
            return new DecisionsState([], stat.Version, e.Message);
        }
    }

    // In the order of election; a node that goes while it is read is simply not there.
    private async Task<(List<Vote> Votes, int? LineVersion)> ReadVotesAsync(CancellationToken cancellationToken)
    {
        if (await TryReadLineAsync(cancellationToken).ConfigureAwait(false) is not { } line)
        {
            return ([], null);
        }

        var read = await Task.WhenAll(Election.InOrder(line.Names).Select(n => TryReadVoteAsync(n, cancellationToken))).ConfigureAwait(false);
        List<Vote> votes = [.. read.OfType<Vote>()];
        _votes = votes.ToDictionary(static v => v.Node, StringComparer.Ordinal);
        return (votes, line.Stat.Version);
    }

    // Before the first checker there is no localstatus.
    private async Task<NodeChildren?> TryReadLineAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetChildrenAsync(ZKPaths.LocalStatus(name), cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            return null;
        }
    }

    private async Task<Vote?> TryReadVoteAsync(string node, CancellationToken cancellationToken)
    {
        var path = ZKPaths.Vote(name, node);
        try
        {
            var (data, stat) = await client.GetDataAsync(path, cancellationToken).ConfigureAwait(false);
            var known = _votes.GetValueOrDefault(node) is { } last && last.Owner == stat.EphemeralOwner ? last : null;
            if (known?.Mzxid == stat.Mzxid)
            {
                return known;
            }

            // Whose node it is never changes; a vote that says nothing does not tell it again.
            var vote = new Vote(node, stat.Version, stat.EphemeralOwner, stat.Mtime, TryDecode(path, node, data)) { Mzxid = stat.Mzxid };
            return vote.Kind == VoterKind.Unknown && known is not null ? vote with { Kind = known.Kind, Checker = known.Checker } : vote;
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
