using System.Collections.Immutable;

namespace RingKeeper;

/// <summary>What one checker says of the shards, and which revision of its node says so.</summary>
/// <param name="Node">The name of the checker's node.</param>
/// <param name="Version">The version of the node that was read.</param>
/// <param name="Owner">The session that owns the node.</param>
/// <param name="Mtime">When the node was written, by ZooKeeper's clock, in milliseconds since the Unix epoch.</param>
/// <param name="Entries">What it says, by address; an address that is missing is an abstention. Null where the vote cannot be read.</param>
internal sealed record Vote(string Node, int Version, long Owner, long Mtime, IReadOnlyDictionary<string, ShardStatus>? Entries);

/// <summary>Everything a count looks at; nothing else does count.</summary>
internal sealed record BallotPaper(
    IReadOnlyList<Shard> Shards,
    IReadOnlyDictionary<string, ShardStatus> Status,
    IReadOnlyList<Vote> Votes,
    int? ExpectedCheckers,
    long ClusterStamp,
    long NowMicroseconds);

/// <summary>One shard's change of state, and the count it rests on.</summary>
internal sealed record Flip(string Addr, bool? Was, bool Alive, int Agreeing, int Opposing, int Denominator)
{
    /// <summary>Tells the decision in one line.</summary>
    public override string ToString() =>
        $"{Addr} is {(Alive ? "alive" : "dead")}: {Agreeing} of {Denominator} checkers say so, {Opposing} say {(Alive ? "dead" : "alive")}";
}

/// <summary>The outcome of a count.</summary>
/// <param name="Status">The status as it should be.</param>
/// <param name="Flips">What changes; empty when the status stays.</param>
/// <param name="RestsOn">The votes the changes rest on; the write is refused unless each still stands as it was counted.</param>
internal sealed record BallotResult(ImmutableDictionary<string, ShardStatus> Status, ImmutableArray<Flip> Flips, ImmutableArray<Vote> RestsOn);

/// <summary>Counts the votes: a shard's state flips when a strict majority says the opposite; a tie changes nothing. Pure.</summary>
internal static class Ballot
{
    public static BallotResult Count(BallotPaper paper)
    {
        var votes = OnePerSession(paper.Votes);
        var denominator = Math.Max(paper.ExpectedCheckers ?? 0, votes.Count);
        var stamp = Stamps.Next(paper.NowMicroseconds, Stamps.LargestInSight(paper.ClusterStamp, paper.Status));
        var status = paper.Status.ToImmutableDictionary(StringComparer.Ordinal).ToBuilder();
        var flips = ImmutableArray.CreateBuilder<Flip>();
        var restsOn = new HashSet<Vote>();
        foreach (var addr in paper.Shards.Select(s => s.Addr))
        {
            if (CountOne(addr, paper.Status.GetValueOrDefault(addr)?.Alive, votes, denominator) is not { } flip)
            {
                continue;
            }

            flips.Add(flip);
            status[addr] = new ShardStatus(addr, flip.Alive, stamp);
            restsOn.UnionWith(votes.Where(v => v.Entries?.GetValueOrDefault(addr)?.Alive == flip.Alive));
        }

        return new BallotResult(status.ToImmutable(), flips.ToImmutable(), [.. restsOn.OrderBy(v => v.Node, StringComparer.Ordinal)]);
    }

    // Freshness, abstention by self-distrust, the brake and drained shards belong here: each takes votes or flips away, none adds one.
    private static Flip? CountOne(string addr, bool? was, IReadOnlyList<Vote> votes, int denominator)
    {
        var alive = votes.Count(v => v.Entries?.GetValueOrDefault(addr)?.Alive == true);
        var dead = votes.Count(v => v.Entries?.GetValueOrDefault(addr)?.Alive == false);
        var verdict = alive * 2 > denominator ? true : dead * 2 > denominator ? false : (bool?)null;
        return verdict is { } isAlive && isAlive != was
            ? new Flip(addr, was, isAlive, isAlive ? alive : dead, isAlive ? dead : alive, denominator)
            : null;
    }

    /// <summary>A session has one vote, its newest: a lost reply to a create may have left a second node.</summary>
    private static List<Vote> OnePerSession(IReadOnlyList<Vote> votes) =>
        [.. votes.GroupBy(v => v.Owner).Select(g => g.MaxBy(v => (v.Mtime, v.Version, v.Node))!)];
}
