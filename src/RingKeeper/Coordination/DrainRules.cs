using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>When a shard may be drained. Pure.</summary>
internal static class DrainRules
{
    /// <summary>Lists the shards that a change drains; one drained before stays so by its name, whatever its address.</summary>
    public static IReadOnlyList<Shard> NewlyDrained(IReadOnlyList<Shard> before, IReadOnlyList<Shard> after)
    {
        var drained = before.Where(static shard => shard.Drained).Select(static shard => shard.Name).ToHashSet(StringComparer.Ordinal);
        return [.. after.Where(shard => shard.Drained && !drained.Contains(shard.Name))];
    }

    /// <summary>
    /// Refuses while a Go checker votes. An empty vote does not hinder: a Go checker begins with a copy of the status, so after the first decision
    /// only ours are empty, and one that abstains from everything must not keep an operator from his work.
    /// </summary>
    /// <exception cref="RingKeeperException">A Go checker votes.</exception>
    public static void RefuseGoVoters(string name, IReadOnlyList<Shard> drained, IReadOnlyList<Vote> votes)
    {
        var voters = votes.Where(static vote => vote.Kind == VoterKind.Go).Select(static vote => vote.Node).ToList();
        if (voters.Count > 0)
        {
            throw new RingKeeperException(
                $"Shard {string.Join(", ", drained.Select(static shard => $"'{shard.Name}'"))} of cluster '{name}' cannot be drained while a Go checker votes ({string.Join(", ", voters)}): "
                + "it does not know of drains, and as leader would call the shard alive again. Stop the Go checkers first; nothing was changed.");
        }
    }

    /// <summary>
    /// Demands that the votes still stand as they were read, and that nobody else has voted since: whoever votes sets localstatus after it. A Go
    /// checker that has only registered goes unseen until its first vote, a moment later; checkers raise an alarm once it leads.
    /// </summary>
    public static IReadOnlyList<ZooKeeperOp> Fence(string name, int localStatusVersion, IReadOnlyList<Vote> votes) =>
        [ZooKeeperOp.Check(ZKPaths.LocalStatus(name), localStatusVersion), .. votes.Select(vote => ZooKeeperOp.Check(ZKPaths.Vote(name, vote.Node), vote.Version))];

    /// <summary>Refuses what would leave no shard to serve: the last one alive, and the last one not drained.</summary>
    /// <exception cref="RingKeeperException">It would.</exception>
    public static void RefuseLast(string name, Shard shard, IReadOnlyList<Shard> shards, IReadOnlyDictionary<string, ShardStatus> status)
    {
        var others = shards.Where(other => other.Name != shard.Name && !other.Drained).ToList();
        var isServing = status.GetValueOrDefault(shard.Addr) is { Alive: true };
        if (others.Count == 0 || (isServing && !others.Exists(other => status.GetValueOrDefault(other.Addr) is { Alive: true })))
        {
            throw new RingKeeperException(
                $"Shard '{shard.Name}' is the last of cluster '{name}' that {(isServing ? "is alive" : "is not drained")}: drained, no key would be served. Bring another shard back first, or drain with force; nothing was changed.");
        }
    }
}
