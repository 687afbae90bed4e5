using System.Collections.Immutable;

namespace RingKeeper;

/// <summary>Everything a count looks at; nothing else does count.</summary>
internal sealed record BallotPaper(
    IReadOnlyList<Shard> Shards,
    IReadOnlyDictionary<string, ShardStatus> Status,
    IReadOnlyList<Vote> Votes,
    int? ExpectedCheckers,
    long ClusterStamp,
    long NowMicroseconds)
{
    /// <summary>What the leader knows to have been published, by address: the highest Since there was. Another program may have written a lower one since.</summary>
    public IReadOnlyDictionary<string, ShardStatus> Published { get; init; } = ImmutableDictionary<string, ShardStatus>.Empty;

    /// <summary>Whether the topology has stood for so long that addresses which are no shards and that nobody votes for may go from the status.</summary>
    public bool MayPrune { get; init; }
}

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
/// <param name="Raised">The addresses whose Since another program had lowered and that get it back.</param>
internal sealed record BallotResult(ImmutableDictionary<string, ShardStatus> Status, ImmutableArray<Flip> Flips, ImmutableArray<Vote> RestsOn, ImmutableArray<string> Raised)
{
    /// <summary>The addresses that go from the status.</summary>
    public ImmutableArray<string> Pruned { get; init; } = [];


    /// <summary>Whether the status has to be written.</summary>
    public bool IsChange => Flips.Length + Raised.Length + Pruned.Length > 0;
}

/// <summary>Counts the votes: a shard's state flips when a strict majority says the opposite; a tie changes nothing. Pure.</summary>
internal static class Ballot
{
    public static BallotResult Count(BallotPaper paper)
    {
        var votes = OnePerSession(paper.Votes);
        var denominator = Math.Max(paper.ExpectedCheckers ?? 0, votes.Count);
        var largest = Math.Max(Stamps.LargestInSight(paper.ClusterStamp, paper.Status), Stamps.LargestInSight(0, paper.Published));
        var stamp = Stamps.Next(paper.NowMicroseconds, largest);
        var status = paper.Status.ToImmutableDictionary(StringComparer.Ordinal).ToBuilder();
        var flips = ImmutableArray.CreateBuilder<Flip>();
        var raised = ImmutableArray.CreateBuilder<string>();
        var restsOn = new HashSet<Vote>();
        foreach (var addr in paper.Shards.Select(s => s.Addr))
        {
            if (CountOne(addr, paper.Status.GetValueOrDefault(addr)?.Alive, votes, denominator) is not { } flip)
            {
                if (Lowered(addr, paper) is { } published)
                {
                    // In another state than before, it is a change of its own; in the same one, the time it had holds.
                    raised.Add(addr);
                    var present = paper.Status[addr];
                    status[addr] = present with { Addr = addr, Since = published.Alive == present.Alive ? published.Since : stamp };
                }

                continue;
            }

            flips.Add(flip);
            status[addr] = new ShardStatus(addr, flip.Alive, stamp);
            restsOn.UnionWith(votes.Where(v => v.Says(addr) == flip.Alive));
        }

        var pruned = paper.MayPrune ? Prunable(paper, votes, largest) : [];
        status.RemoveRange(pruned);
        return new BallotResult(status.ToImmutable(), flips.ToImmutable(), [.. restsOn.OrderBy(v => v.Node, StringComparer.Ordinal)], raised.ToImmutable()) { Pruned = pruned };
    }

    // A Go leader would publish anew what is voted for; and the largest stamp must stay in sight.
    private static ImmutableArray<string> Prunable(BallotPaper paper, IReadOnlyList<Vote> votes, long largest)
    {
        var kept = paper.Shards.Select(s => s.Addr).Concat(votes.SelectMany(v => v.Entries?.Keys ?? [])).ToHashSet(StringComparer.Ordinal);
        return [.. paper.Status.Where(s => !kept.Contains(s.Key) && s.Value.Since < largest).Select(s => s.Key).Order(StringComparer.Ordinal)];
    }

    private static ShardStatus? Lowered(string addr, BallotPaper paper) =>
        paper.Published.TryGetValue(addr, out var published) && paper.Status.TryGetValue(addr, out var present) && present.Since < published.Since ? published : null;

    // Freshness, abstention by self-distrust, the brake and drained shards belong here: each takes votes or flips away, none adds one.
    private static Flip? CountOne(string addr, bool? was, IReadOnlyList<Vote> votes, int denominator)
    {
        var alive = votes.Count(v => v.Says(addr) == true);
        var dead = votes.Count(v => v.Says(addr) == false);
        var verdict = alive * 2 > denominator ? true : dead * 2 > denominator ? false : (bool?)null;
        return verdict is { } isAlive && isAlive != was
            ? new Flip(addr, was, isAlive, isAlive ? alive : dead, isAlive ? dead : alive, denominator)
            : null;
    }

    /// <summary>A session has one vote, its newest: a lost reply to a create may have left a second node.</summary>
    private static List<Vote> OnePerSession(IReadOnlyList<Vote> votes) =>
        [.. votes.GroupBy(v => v.Owner).Select(g => g.MaxBy(v => (v.Mtime, v.Version, v.Node))!)];
}
