using System.Collections.Immutable;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Simulator;

/// <summary>The ways to spoil the rules that the laws must find out.</summary>
internal static class Mutations
{
    public static readonly Mutation NoFence = new("NoFence", "the status is written as Go writes it: nothing is checked in the write")
    {
        Rewrite = static operations => IsDecision(operations)
            ? [.. operations.Where(static o => o is not ZooKeeperOp.CheckOp).Select(static o => o is ZooKeeperOp.SetDataOp set ? ZooKeeperOp.SetData(set.Target, set.Data) : o)]
            : operations,
    };

    public static readonly Mutation NoVoteVersions = new("NoVoteVersions", "the write does not check that the votes still stand as they were counted")
    {
        Rewrite = static operations => IsDecision(operations) ? [.. operations.Where(static o => !ChecksLine(o) && !(o is ZooKeeperOp.CheckOp check && ZKPaths.IsVote(Simulation.Cluster, check.Target)))] : operations,
    };

    public static readonly Mutation NoLineVersion = new("NoLineVersion", "the write does not check that nobody joined since the votes were read")
    {
        Rewrite = static operations => IsDecision(operations) ? [.. operations.Where(static o => !ChecksLine(o))] : operations,
    };

    public static readonly Mutation SmallDenominator = new("SmallDenominator", "checkers that are present and say nothing are not in the denominator")
    {
        Count = static paper => Ballot.Count(paper with { ExpectedCheckers = null, Votes = [.. paper.Votes.Where(static v => v.Entries is { Count: > 0 })] }),
    };

    public static readonly Mutation TiesKill = new("TiesKill", "a tie is enough for a death")
    {
        Count = static paper => Ballot.Count(paper.Shards.Select(s => SurvivorOfTie(paper, s.Addr)).OfType<Vote>().FirstOrDefault() is { } left
            ? paper with { ExpectedCheckers = null, Votes = [.. paper.Votes.Where(v => v != left)] }
            : paper),
    };

    public static readonly Mutation NoFreshness = new("NoFreshness", "a vote counts however old it is")
    {
        Count = static paper => Ballot.Count(paper with { VoteRefresh = TimeSpan.FromDays(1) }),
    };

    public static readonly Mutation NoBrake = new("NoBrake", "many deaths at once are published at once")
    {
        Count = static paper => Ballot.Count(paper with { MaxDeadPercent = 100 }),
    };

    public static readonly Mutation NoAlarm = new("NoAlarm", "many deaths that nothing holds are published without a word")
    {
        Count = static paper => Ballot.Count(paper) with { Alarm = null },
    };

    public static readonly Mutation NoOfficeHold = new("NoOfficeHold", "whoever comes into office publishes deaths at once, however many checkers there should be")
    {
        Count = static paper => Ballot.Count(paper with { OfficeHold = TimeSpan.Zero }),
    };

    public static readonly Mutation BrakeForbids = new("BrakeForbids", "no death is published that would leave more than the share of the shards dead")
    {
        Count = static paper => Ballot.Count(paper) is var result && result.Status.Values.Count(static s => !s.Alive) * 100 <= paper.MaxDeadPercent * paper.Shards.Count ? result : Ballot.Count(paper with { OfficeHold = TimeSpan.FromHours(1) }),
    };

    public static readonly Mutation NoTrigger = new("NoTrigger", "the coming of a vote wakes nobody")
    {
        Hears = static change => !change.Path.StartsWith(ZKPaths.LocalStatus(Simulation.Cluster), StringComparison.Ordinal) || change.Type is WatchedEventType.Gap or WatchedEventType.SessionExpired,
    };

    public static readonly Mutation UnseatsWithoutPublishing = new("UnseatsWithoutPublishing", "the one behind takes the leader's node away, and publishes later or never")
    {
        Rewrite = static operations => operations.Any(static o => o is ZooKeeperOp.DeleteOp delete && ZKPaths.IsVote(Simulation.Cluster, delete.Target))
            ? [.. operations.Where(static o => o is ZooKeeperOp.CheckOp or ZooKeeperOp.DeleteOp)]
            : operations,
    };

    public static readonly Mutation StampsGoBack = new("StampsGoBack", "what flips is stamped by the own clock alone")
    {
        Count = static paper =>
        {
            var result = Ballot.Count(paper);
            var status = result.Flips.Aggregate(result.Status, (all, flip) => all.SetItem(flip.Addr, all[flip.Addr] with { Since = paper.NowMicroseconds }));
            return result with { Status = status };
        },
    };

    public static readonly ImmutableArray<Mutation> All = [NoFence, NoVoteVersions, NoLineVersion, SmallDenominator, TiesKill, NoFreshness, NoBrake, NoAlarm, NoOfficeHold, BrakeForbids, NoTrigger, UnseatsWithoutPublishing, StampsGoBack];

    private static bool IsDecision(IReadOnlyList<ZooKeeperOp> operations) => operations.Any(static o => o.Path == ZKPaths.Status(Simulation.Cluster) && o is not ZooKeeperOp.CheckOp);

    // A change of a vote raises the version of localstatus, too.
    private static bool ChecksLine(ZooKeeperOp operation) => operation is ZooKeeperOp.CheckOp check && check.Target == ZKPaths.LocalStatus(Simulation.Cluster);

    // One who says alive, or nothing, where as many say dead as do not; never the one who counts.
    private static Vote? SurvivorOfTie(BallotPaper paper, string addr) =>
        paper.Votes.Count > 1 && paper.Votes.Count(v => v.Says(addr) == false) * 2 == paper.Votes.Count ? paper.Votes.Skip(1).FirstOrDefault(v => v.Says(addr) != false) : null;
}
