using System.Collections.Immutable;

namespace RingKeeper;

/// <summary>
/// Counts the votes: a shard's state flips when a strict majority says the opposite; a tie changes nothing. Pure: a function of znodes and a
/// reference time, which also says why (docs/how-it-decides.md).
/// </summary>
internal static class Ballot
{
    public static BallotResult Count(BallotPaper paper)
    {
        var votes = CountableVotes.Of(paper);
        var largest = Math.Max(Stamps.LargestInSight(paper.ClusterStamp, paper.Status), Stamps.LargestInSight(0, paper.Published));
        var stamp = Stamps.Next(paper.NowMicroseconds, largest, paper.StampGap);
        var tallies = paper.Shards.DistinctBy(static s => s.Addr).Select(s => new ShardTally(s, KnownOf(s.Addr, paper), votes)).ToList();
        var brake = new Brake(paper, tallies);
        var status = paper.Status.ToImmutableDictionary(StringComparer.Ordinal).ToBuilder();
        var flips = ImmutableArray.CreateBuilder<Flip>();
        var raised = ImmutableArray.CreateBuilder<string>();
        var restored = ImmutableArray.CreateBuilder<string>();
        var counts = ImmutableArray.CreateBuilder<ShardCount>(tallies.Count);
        var restsOn = new HashSet<Vote>();
        foreach (var tally in tallies)
        {
            var addr = tally.Addr;
            var hold = brake.HoldOf(tally);
            var kind = hold is null ? tally.Kind : null;
            var count = tally.ToCount(brake, hold);
            counts.Add(count);
            if (kind is { } change)
            {
                flips.Add(new Flip(addr, change, tally.Was, tally.IsAliveAfter, count));
                var after = tally.After(change == DecisionKind.Drain ? DrainStamp(paper, stamp) : stamp);
                status[addr] = after.Died is null ? after : after with { Under = paper.TopologyTime };
                restsOn.UnionWith(brake.IsReleasedByAgreement(tally) ? votes.All : tally.RestsOn);
            }
            else if (Lowered(addr, paper) is { } published)
            {
                // In another state than before, it is a change of its own; in the same one, the time it had holds.
                raised.Add(addr);
                var present = paper.Status[addr];
                status[addr] = published.Alive == present.Alive ? published with { Addr = addr } : present with { Addr = addr, Since = stamp };
            }
            else if (KnownOf(addr, paper) is { } known && known != paper.Status[addr])
            {
                restored.Add(addr);
                status[addr] = known;
            }
        }

        var pruned = paper.MayPrune ? Prunable(paper, largest) : [];
        status.RemoveRange(pruned);
        return new BallotResult(status.ToImmutable(), flips.ToImmutable(), [.. restsOn.OrderBy(static v => v.Node, StringComparer.Ordinal)], raised.ToImmutable())
        {
            Alarm = brake.AlarmOf(flips),
            Restored = restored.ToImmutable(),
            Stamp = stamp,
            Shards = counts.ToImmutable(),
            WantedDead = [.. tallies.Where(static t => t.IsDeath).Select(static t => t.Addr)],
            Pruned = pruned,
            NextLook = counts.Any(static c => c.Hold is { IsBrake: true }) ? counts.Select(static c => c.Hold?.Left).Append(brake.NextEase).Min() : counts.Select(static c => c.Hold?.Left).Min(),
        };
    }

    // The stamp of the change that drained it, unless something was published since.
    private static long DrainStamp(BallotPaper paper, long stamp) =>
        paper.ClusterStamp > Math.Max(Stamps.LargestInSight(0, paper.Status), Stamps.LargestInSight(0, paper.Published)) ? paper.ClusterStamp : stamp;

    // A Go leader would publish anew what is voted for; and the largest stamp must stay in sight.
    private static ImmutableArray<string> Prunable(BallotPaper paper, long largest)
    {
        var kept = paper.Shards.Select(static s => s.Addr).Concat(paper.Votes.SelectMany(static v => v.Entries?.Keys ?? [])).ToHashSet(StringComparer.Ordinal);
        return [.. paper.Status.Where(s => !kept.Contains(s.Key) && s.Value.Since < largest).Select(static s => s.Key).Order(StringComparer.Ordinal)];
    }

    // Another program writes entries back without the fields that it does not know; that is no restart.
    private static ShardStatus? KnownOf(string addr, BallotPaper paper) =>
        paper.Status.GetValueOrDefault(addr) is { RunId: null, Role: null } present && paper.Published.GetValueOrDefault(addr) is { } published
            && (published.Alive, published.Since) == (present.Alive, present.Since)
            ? present with { RunId = published.RunId, Role = published.Role, Died = published.Died, Under = published.Under }
            : paper.Status.GetValueOrDefault(addr);

    private static ShardStatus? Lowered(string addr, BallotPaper paper) =>
        paper.Published.TryGetValue(addr, out var published) && paper.Status.TryGetValue(addr, out var present) && present.Since < published.Since ? published : null;
}
