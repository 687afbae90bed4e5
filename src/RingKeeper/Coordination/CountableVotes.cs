using System.Collections.Immutable;

namespace RingKeeper;

/// <summary>The votes of a count, one a checker: what is too old says nothing, but its checker is present. Pure.</summary>
internal sealed class CountableVotes
{
    private readonly BallotPaper _paper;

    private CountableVotes(BallotPaper paper, ImmutableArray<Vote> all)
    {
        _paper = paper;
        All = all;
        Denominator = Math.Max(paper.ExpectedCheckers ?? 0, all.Length);
    }

    /// <summary>The newest vote of each checker present, stale ones included, in the order of election.</summary>
    public ImmutableArray<Vote> All { get; }

    /// <summary>The larger of the checkers expected and those present: a few who are left cannot decide alone.</summary>
    public int Denominator { get; }

    public static CountableVotes Of(BallotPaper paper)
    {
        // A lost reply to a create may have left a second node of a session; a killed checker's node lingers beside that of its next start.
        var perSession = paper.Votes.GroupBy(static v => v.Owner).Select(Newest);
        var perChecker = perSession.GroupBy(static v => v.Checker is { } id ? $"id {id}" : $"node {v.Node}", StringComparer.Ordinal).Select(Newest).ToHashSet();
        return new CountableVotes(paper, [.. paper.Votes.Where(perChecker.Contains)]);
    }

    public bool IsMajority(int votes) => votes * 2 > Denominator;

    /// <summary>How old a vote is by ZooKeeper's clock; zero where there is no reference.</summary>
    public long AgeOf(Vote vote) => _paper.ReferenceTime == 0 ? 0 : Math.Max(0, _paper.ReferenceTime - vote.Mtime);

    /// <summary>Whether a vote is too old to count. A Go checker never writes an unchanged vote again, so its vote counts while its node lives.</summary>
    public bool IsStale(Vote vote) => vote.Kind == VoterKind.RingKeeper && AgeOf(vote) > 3 * _paper.VoteRefresh.TotalMilliseconds;

    /// <summary>What a checker says of a shard, if its vote counts.</summary>
    public VoteEntry? EntryOf(Vote vote, string addr) => IsStale(vote) ? null : vote.Entries?.GetValueOrDefault(addr);

    // By the order of the writes: the clocks of two servers may differ.
    private static Vote Newest(IEnumerable<Vote> votes) => votes.MaxBy(static v => (v.Mzxid, v.Mtime, v.Version, v.Node))!;
}
