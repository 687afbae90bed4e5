using System.Collections.Immutable;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>A checker's node as it was read.</summary>
internal sealed record LineEntry(Vote Vote, Stat Stat);

/// <summary>Reads all checkers' nodes, for what is not a count: who else there is, and what they say.</summary>
internal sealed class LineReader(IZNodeStore client, string name)
{
    private const int MaxAttempts = 3;

    /// <summary>Reads them in the order of election; a node that goes meanwhile is not there.</summary>
    /// <returns>The nodes, and the names below localstatus that are none of a checker's.</returns>
    /// <exception cref="RingKeeperException">The cluster was made anew meanwhile, again and again.</exception>
    public async Task<(IReadOnlyList<LineEntry> Nodes, IReadOnlyList<string> Foreign)> ReadAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            if (await TryReadAllAsync(cancellationToken).ConfigureAwait(false) is { } line)
            {
                return line;
            }
        }

        throw new RingKeeperException($"Cluster '{name}' was deleted and created anew while its checkers were read; they are read again in a moment.");
    }

    // Null: not all is from one life of the cluster, in which alone no name is given twice.
    private async Task<(IReadOnlyList<LineEntry> Nodes, IReadOnlyList<string> Foreign)?> TryReadAllAsync(CancellationToken cancellationToken)
    {
        var path = ZKPaths.LocalStatus(name);
        var children = await client.GetChildrenAsync(path, cancellationToken).ConfigureAwait(false);
        var reads = Election.InOrder(children.Names).Select(n => TryReadAsync(n, cancellationToken)).ToList();
        var after = client.ExistsAsync(path, cancellationToken);
        await Task.WhenAll(reads.Append<Task>(after)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if ((await after.ConfigureAwait(false))?.Czxid != children.Stat.Czxid)
        {
            return null;
        }

        var nodes = new List<LineEntry>(reads.Count);
        foreach (var read in reads)
        {
            if (await read.ConfigureAwait(false) is { } node)
            {
                nodes.Add(node);
            }
        }

        return (nodes, [.. children.Names.Where(n => !ZKPaths.TryGetVoteNumber(n, out _))]);
    }

    private async Task<LineEntry?> TryReadAsync(string node, CancellationToken cancellationToken)
    {
        var path = ZKPaths.Vote(name, node);
        try
        {
            var (data, stat) = await client.GetDataAsync(path, cancellationToken).ConfigureAwait(false);
            return new LineEntry(new Vote(node, stat.Version, stat.EphemeralOwner, stat.Mtime, TryDecode(path, data)) { Mzxid = stat.Mzxid }, stat);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            return null;
        }
    }

    // What cannot be read says nothing; the leader tells of it.
    private static ImmutableDictionary<string, VoteEntry>? TryDecode(string path, byte[] data)
    {
        try
        {
            return ZNodeCodec.DecodeVote(path, data);
        }
        catch (RingKeeperException)
        {
            return null;
        }
    }
}
