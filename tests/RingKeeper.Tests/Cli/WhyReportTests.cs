using System.Collections.Immutable;
using RingKeeper.Cli;
using RingKeeper.Cli.Handlers;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.Cli;

/// <summary>What <c>why</c> and <c>status</c> tell of fleets in every state, counted by the real rule.</summary>
public sealed class WhyReportTests
{
    private const long Now = 1_800_000_000_000;
    private const long Stamp = 1_799_999_000_000_000;
    private static readonly Shard A = new("a", ":1");
    private static readonly Shard B = new("b", ":2");
    private static readonly Shard C = new("c", ":3");

    [Fact]
    public void A_death_that_the_brake_holds_is_told_with_its_end()
    {
        var fleet = Count([A, B, C], [.. AllAlive(A, B, C)], Vote(0, 0, Dead(A), Dead(B), Alive(C)), Vote(1, 0, Dead(A), Dead(B), Alive(C)), Vote(2, 0, Alive(A), Alive(B), Alive(C)));

        var told = Why(fleet, A);

        Assert.Contains("now: it stays alive for now: 2 of 3 checkers say dead, 1 say alive, but 2 of 3 shards would be dead", told, StringComparison.Ordinal);
        Assert.Contains("held by the brake, counted from when the majority arose, about 2027-01-15 08:00:00.000Z by the checkers' clocks, so until about 2027-01-15 08:00:30.000Z", told, StringComparison.Ordinal);
        Assert.Contains("a stays alive for now: ", Status(fleet), StringComparison.Ordinal);
        Assert.DoesNotContain("held by the brake", Why(fleet, C), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_below_a_majority_and_who_says_nothing_and_whose_vote_is_too_old_is_told()
    {
        var fleet = Count([A, B], [.. AllAlive(A, B)], Vote(0, 0, Dead(A), Alive(B)), Vote(1, 40_000, Dead(A), Alive(B)), Vote(2, 1_500, Alive(B)));

        var told = Why(fleet, A);

        Assert.Contains("now: it stays alive: 0 of 3 checkers say so, 1 say dead, 1 say nothing, 1 too old to count; 2 needed for a death", told, StringComparison.Ordinal);
        Assert.Contains("n_0000000000 (id-0), RingKeeper, leads: dead since 2027-01-15 08:00:00.000Z, vote 0.0 s old", told, StringComparison.Ordinal);
        Assert.Contains("n_0000000001 (id-1), RingKeeper: dead since 2027-01-15 08:00:00.000Z, vote 40.0 s old, too old to count", told, StringComparison.Ordinal);
        Assert.Contains("n_0000000002 (id-2), RingKeeper: abstains, vote 1.5 s old; its log and /readyz say why", told, StringComparison.Ordinal);
        Assert.Contains("1 dead, 1 abstains, 1 too old", Status(fleet), StringComparison.Ordinal);
        Assert.Contains("too old to count; 1 alive; dead: a", Status(fleet), StringComparison.Ordinal);
        Assert.Contains("abstains: a", Status(fleet), StringComparison.Ordinal);
    }

    [Fact]
    public void What_keeps_a_shard_dead_that_flaps_is_told_by_whom_and_until_when()
    {
        var suppressed = Dead(A) with { Suppressed = "it died too often", SuppressedUntil = (Now + 90_000) * 1000, Error = "Refused", RttMicroseconds = 210, RttDeviationMicroseconds = 40 };
        var fleet = Count([A, B], [Status(A, false), Status(B, true)], Vote(0, 0, suppressed, Alive(B)), Vote(1, 0, Dead(A), Alive(B)));

        Assert.Contains("last bad answer: Refused, round trip 0.21 ms ± 0.04 ms, keeps it dead until 2027-01-15 08:01:30.000Z: it died too often", Why(fleet, A), StringComparison.Ordinal);
        Assert.Contains("a is kept dead by n_0000000000 until 2027-01-15 08:01:30.000Z: it died too often", Status(fleet), StringComparison.Ordinal);
    }

    [Fact]
    public void A_decision_that_is_due_is_told_with_who_publishes_it()
    {
        var fleet = Count([A, B], [.. AllAlive(A, B)], Vote(0, 0, Dead(A), Alive(B)), Vote(1, 0, Dead(A), Alive(B)));

        Assert.Contains("that is due, and n_0000000000 publishes it within moments; else the next in line does", Why(fleet, A), StringComparison.Ordinal);
    }

    [Fact]
    public void A_Go_leader_decides_by_its_own_rules_and_nobody_in_its_place()
    {
        var fleet = Count([A, B with { Drained = true }], [.. AllAlive(A, B)], Go(0, Dead(A), Dead(B)), Vote(1, 0, Dead(A), Alive(B)));

        var told = Why(fleet, A);

        Assert.Contains("n_0000000000, a Go checker, leads and decides by Go's rules", told, StringComparison.Ordinal);
        Assert.Contains("what is drained it may call alive", told, StringComparison.Ordinal);
        Assert.Contains("that is due; n_0000000000, a Go checker, decides, and nobody in its place", told, StringComparison.Ordinal);
        Assert.Contains("n_0000000000  -     Go, leads", Status(fleet), StringComparison.Ordinal);
    }

    [Fact]
    public void The_node_that_a_killed_checker_left_behind_does_not_count_and_a_vote_that_cannot_be_read_says_nothing()
    {
        var left = Vote(0, 9_000, Dead(A)) with { Mzxid = 1, Checker = "id-2" };
        var fleet = Count([A], [Status(A, true)], left, new Vote("n_0000000001", 0, 12, Now, null), Vote(2, 0, Alive(A)) with { Mzxid = 5 });

        var told = Why(fleet, A);

        Assert.Contains("n_0000000000 (id-2), RingKeeper, leads: does not count: a newer vote of the same checker does", told, StringComparison.Ordinal);
        Assert.Contains("n_0000000001, not known yet: its vote cannot be read and does not count", told, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Status(fleet), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("f00d", false)]
    public void Restarts_that_nobody_would_notice_are_told(string? run, bool isTold)
    {
        var fleet = Count([A], [Status(A, true) with { RunId = run }], Vote(0, 0, Alive(A)));

        Assert.Equal(isTold, Status(fleet).Contains("restarts of shard a go unnoticed: ", StringComparison.Ordinal));
        Assert.Equal(isTold, Why(fleet, A).Contains("its restarts go unnoticed", StringComparison.Ordinal));
    }

    [Fact]
    public void Decisions_are_told_newest_first_with_their_evidence_and_only_those_about_the_shard()
    {
        var count = new ShardCount(":1", 0, 2, 0, 0, 3, "is dead: 2 of 3 checkers say so, 0 say alive") { Votes = [new("n_0000000000", "id-0", false, false, 2_100, "Refused", 180, null), new("n_0000000001", null, null, true, 35_000, null, null, null)] };
        var decisions = Enumerable.Range(0, 7).Select(i => new Decision(Now - i, (Now - i) * 1000, "n_0000000000", "id-0", [new Flip(i == 1 ? ":2" : ":1", DecisionKind.Death, true, false, count with { Addr = i == 1 ? ":2" : ":1" })]) { Unseated = i == 0 ? ["n_0000000007"] : [] });
        var fleet = Count([A, B], [Status(A, false), Status(B, true)], [.. decisions], Vote(0, 0, Dead(A), Alive(B)));

        var lines = Why(fleet, A).Split('\n');
        var start = Array.IndexOf(lines, "decisions, the last 5 of 6:");

        Assert.Equal(
            [
                "  2027-01-15 08:00:00.000Z: is dead: 2 of 3 checkers say so, 0 say alive; published by n_0000000000 (id-0), in place of n_0000000007, which left it undone",
                "    n_0000000000 (id-0): dead, vote 2.1 s old, last bad answer: Refused, round trip 0.18 ms",
                "    n_0000000001: abstained, vote 35.0 s old, too old to count",
                "  2027-01-15 07:59:59.998Z: is dead: 2 of 3 checkers say so, 0 say alive; published by n_0000000000 (id-0)",
            ],
            lines[(start + 1)..(start + 5)]);
    }

    [Theory]
    [InlineData("Return", 0, "")]
    [InlineData("Return", 2_000, " (epoch 2027-01-15 08:00:02.000Z)")]
    [InlineData("Drain", 2_000, "")]
    public void A_decision_is_told_with_when_it_was_made_and_its_epoch_only_where_that_lies_ahead(string kind, int milliseconds, string epoch)
    {
        var decision = new Decision(Now, (Now + milliseconds) * 1000, "n_0000000000", null, [new Flip(":1", Enum.Parse<DecisionKind>(kind), null, true, new ShardCount(":1", 2, 0, 0, 0, 3, "was counted"))]);

        var told = Why(Count([A], [Status(A, true)], [decision], Vote(0, 0, Alive(A))), A);

        Assert.Contains($"  2027-01-15 08:00:00.000Z: was counted{epoch}; published by n_0000000000", told, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_watch_shows_again_is_a_change_of_words_not_of_ages_round_trips_or_times()
    {
        var before = Count([A, B], [.. AllAlive(A, B)], Vote(0, 0, Alive(A), Alive(B)), Vote(1, 0, Alive(A), Alive(B)));
        var stamped = Count([A, B], [.. AllAlive(A, B)], Vote(0, 4_000, Alive(A) with { Seen = 99, RttMicroseconds = 7, Error = "TimedOut" }, Alive(B)), Vote(1, 0, Alive(A), Alive(B)));

        Assert.Equal(new StatusReport(before, []).Essence, new StatusReport(stamped, []).Essence);
        foreach (var change in new[]
        {
            Count([A, B], [Status(A, false), Status(B, true)], Vote(0, 0, Alive(A), Alive(B)), Vote(1, 0, Alive(A), Alive(B))),
            Count([A, B with { Drained = true }], [.. AllAlive(A, B)], Vote(0, 0, Alive(A), Alive(B)), Vote(1, 0, Alive(A), Alive(B))),
            Count([A, B], [.. AllAlive(A, B)], Vote(0, 0, Dead(A), Alive(B)), Vote(1, 0, Alive(A), Alive(B))),
            Count([A, B], [.. AllAlive(A, B)], Vote(0, 0, Alive(A), Alive(B)), Vote(1, 40_000, Alive(A), Alive(B))),
            Count([A, B], [.. AllAlive(A, B)], Vote(0, 0, Alive(A), Alive(B))),
        })
        {
            Assert.NotEqual(new StatusReport(before, []).Essence, new StatusReport(change, []).Essence);
        }
    }

    private static string Why(Fleet fleet, Shard shard) => string.Join('\n', new WhyReport(fleet, fleet.Cluster.Shards.Single(s => s.Name == shard.Name)).Tell());

    private static string Status(Fleet fleet)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        new StatusReport(fleet, []).Write(false, new CliOutput(new CliEnvironment { Output = output, Error = error, GetVariable = static _ => null }));
        return output.ToString();
    }

    private static Fleet Count(Shard[] shards, ShardStatus[] statuses, params Vote[] votes) => Count(shards, statuses, [], votes);

    private static Fleet Count(Shard[] shards, ShardStatus[] statuses, ImmutableArray<Decision> decisions, params Vote[] votes)
    {
        var status = statuses.ToImmutableDictionary(s => s.Addr, StringComparer.Ordinal);
        var stat = new Stat(1, 2, Now, Now, 0, 0, 0, 0, 0, 0, 2);
        var nodes = new BallotNodes(stat, new StatusNode(status, stat), votes, new DecisionsState(decisions, 0, null), 0);
        var cluster = new ZKClusterInfo("orders", Stamp, new ZKClusterOptions { ExpectedCheckers = 3 }, shards);
        return new Fleet(cluster, nodes, Ballot.Count(new BallotPaper(shards, status, votes, 3, Stamp, Now * 1000) { ReferenceTime = Now, Decisions = decisions }));
    }

    private static Vote Vote(int number, long age, params VoteEntry[] entries) =>
        Go(number, [.. entries.Select(entry => entry with { Seen = entry.Seen ?? Now * 1000, Checker = $"id-{number}" })]) with { Mtime = Now - age };

    private static Vote Go(int number, params VoteEntry[] entries) =>
        new($"n_000000000{number}", 0, 10 + number, Now, entries.ToImmutableDictionary(e => e.Status.Addr, StringComparer.Ordinal));

    private static VoteEntry Alive(Shard shard) => new(new ShardStatus(shard.Addr, true, Now * 1000));

    private static VoteEntry Dead(Shard shard) => new(new ShardStatus(shard.Addr, false, Now * 1000));

    private static ShardStatus Status(Shard shard, bool alive) => new(shard.Addr, alive, Stamp);

    private static IEnumerable<ShardStatus> AllAlive(params Shard[] shards) => shards.Select(shard => Status(shard, true));
}
