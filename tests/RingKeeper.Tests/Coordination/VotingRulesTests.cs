using System.Globalization;
using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Coordination;

/// <summary>Freshness, one vote a checker, drain and restarts: what takes a vote away, and what needs none.</summary>
public class VotingRulesTests
{
    private const long Now = 1_800_000_000_000_000;
    private const long Reference = 1_800_000_000_000;
    private static readonly Shard A = new("a", "a:1");
    private static readonly Shard B = new("b", "b:1");

    [Fact]
    public void A_vote_older_than_three_refreshes_does_not_count_but_its_checker_is_present()
    {
        var paper = Paper(Alive(A), Ours(0, 0, Alive(A)), Ours(1, 0, Dead(A)), Ours(2, 30_000, Dead(A)));
        Assert.Single(Ballot.Count(paper).Flips);

        var stale = Ballot.Count(paper with { Votes = [paper.Votes[0], paper.Votes[1], Ours(2, 30_001, Dead(A))] });

        Assert.Empty(stale.Flips);
        Assert.Equal((1, 1, 0, 1, 3), (stale.Shards[0].Alive, stale.Shards[0].Dead, stale.Shards[0].Abstaining, stale.Shards[0].Stale, stale.Shards[0].Denominator));
        Assert.Equal("stays alive: 1 of 3 checkers say so, 1 say dead, 1 too old to count; 2 needed for a death", stale.Shards[0].Why);
    }

    [Fact]
    public void The_vote_of_a_Go_checker_counts_while_its_node_lives() =>
        Assert.Single(Ballot.Count(Paper(Alive(A), Ours(0, 0, Dead(A)), Vote(1, 3_600_000, new VoteEntry(Dead(A))))).Flips);

    [Fact]
    public void Freshness_goes_by_the_refresh_that_is_set() =>
        Assert.Empty(Ballot.Count(Paper(Alive(A), Ours(0, 0, Dead(A)), Ours(1, 3_001, Dead(A))) with { VoteRefresh = TimeSpan.FromSeconds(1) }).Flips);

    [Fact]
    public void A_checker_has_one_vote_its_newest_though_the_node_of_its_last_start_lingers()
    {
        var lingering = Named(0, "id-1", mzxid: 10, Dead(A));
        var present = Named(2, "id-1", mzxid: 20, Alive(A));

        var result = Ballot.Count(Paper(Alive(A), lingering, Named(1, "id-2", 15, Dead(A)), present));

        Assert.Empty(result.Flips);
        Assert.Equal((1, 1, 2), (result.Shards[0].Alive, result.Shards[0].Dead, result.Shards[0].Denominator));
    }

    [Fact]
    public void The_newest_vote_is_the_one_written_last_whatever_the_servers_clocks_say()
    {
        var older = Named(0, "id-1", mzxid: 10, Dead(A)) with { Mtime = Reference + 500 };
        var newer = Named(1, "id-1", mzxid: 11, Alive(A)) with { Mtime = Reference };

        Assert.Equal(1, Ballot.Count(Paper(Alive(A), older, newer)).Shards[0].Alive);
    }

    [Fact]
    public void A_drained_shard_is_dead_whatever_the_votes_say_since_it_was_drained()
    {
        var drained = A with { Drained = true };
        var paper = Paper(Alive(A), Ours(0, 0, Alive(A)), Ours(1, 0, Alive(A))) with { Shards = [drained, B], ClusterStamp = Now + 77 };

        var result = Ballot.Count(paper);

        var flip = Assert.Single(result.Flips);
        Assert.Equal((DecisionKind.Drain, false, Now + 77), (flip.Kind, result.Status["a:1"].Alive, result.Status["a:1"].Since));
        Assert.Empty(result.RestsOn);
        Assert.Empty(Ballot.Count(paper with { Status = result.Status }).Flips);
        Assert.Equal("a:1 is drained: dead whatever the votes say (2 of 2 checkers say alive, 0 say dead)", flip.ToString());
    }

    [Fact]
    public void A_drain_is_stamped_anew_if_something_was_published_since()
    {
        var paper = Paper(new ShardStatus("a:1", true, Now + 500), Ours(0, 0, Alive(A))) with { Shards = [A with { Drained = true }], ClusterStamp = Now + 77 };

        Assert.Equal(Now + 500 + Stamps.GapMicroseconds, Ballot.Count(paper).Status["a:1"].Since);
    }

    [Fact]
    public void A_shard_that_is_drained_no_more_returns_by_vote_alone()
    {
        Assert.Empty(Ballot.Count(Paper(Dead(A), Ours(0, 0, Alive(A)), Ours(1, 0))).Flips);
        Assert.Equal(DecisionKind.Return, Assert.Single(Ballot.Count(Paper(Dead(A), Ours(0, 0, Alive(A)), Ours(1, 0, Alive(A)))).Flips).Kind);
    }

    [Fact]
    public void A_restart_that_a_strict_majority_saw_gets_a_new_Since_though_no_probe_was_missed()
    {
        var was = Alive(A) with { RunId = "old", Role = "master" };
        var now = Alive(A) with { RunId = "new", Role = "master" };
        Assert.Empty(Ballot.Count(Paper(was, Ours(0, 0, now), Ours(1, 0, was), Ours(2, 0, was))).Flips);

        var result = Ballot.Count(Paper(was, Ours(0, 0, now), Ours(1, 0, was), Ours(2, 0, now)));

        var flip = Assert.Single(result.Flips);
        Assert.Equal((DecisionKind.Restart, true, Now), (flip.Kind, result.Status["a:1"].Alive, result.Status["a:1"].Since));
        Assert.Equal(("new", "master"), (result.Status["a:1"].RunId, result.Status["a:1"].Role));
        Assert.Equal(["n_0000000000", "n_0000000002"], result.RestsOn.Select(v => v.Node));
        Assert.Equal("a:1 has restarted: run_id new, before old; 2 of 3 checkers say so", flip.ToString());
    }

    [Fact]
    public void A_change_of_role_is_an_event_too()
    {
        var was = Alive(A) with { RunId = "run", Role = "slave" };
        var now = was with { Role = "master" };

        var result = Ballot.Count(Paper(was, Ours(0, 0, now), Ours(1, 0, now), Ours(2, 0, was)));

        Assert.Equal("a:1 has changed its role to master, before slave; 2 of 3 checkers say so", Assert.Single(result.Flips).ToString());
        Assert.Equal("run", result.Status["a:1"].RunId);
    }

    [Fact]
    public void A_checker_that_may_not_ask_for_the_run_id_moves_nothing()
    {
        var was = Alive(A) with { RunId = "run", Role = "master" };

        Assert.Empty(Ballot.Count(Paper(was, Ours(0, 0, Alive(A)), Ours(1, 0, Alive(A)))).Flips);
    }

    [Fact]
    public void A_return_carries_the_run_that_a_majority_saw_and_none_where_they_differ()
    {
        var one = Alive(A) with { RunId = "one" };
        var other = Alive(A) with { RunId = "other" };

        Assert.Equal("one", Ballot.Count(Paper(Dead(A), Ours(0, 0, one), Ours(1, 0, one), Ours(2, 0, other))).Status["a:1"].RunId);
        Assert.Null(Ballot.Count(Paper(Dead(A), Ours(0, 0, one), Ours(1, 0, other))).Status["a:1"].RunId);
    }

    [Fact]
    public void A_run_that_another_program_dropped_is_put_back_without_a_new_Since()
    {
        var published = Alive(A) with { RunId = "run", Role = "master" };
        var paper = Paper(Alive(A), Ours(0, 0, published), Ours(1, 0, published)) with { Published = Map(published) };

        var result = Ballot.Count(paper);

        Assert.Empty(result.Flips);
        Assert.Equal(["a:1"], result.Restored);
        Assert.Equal(published, result.Status["a:1"]);
        Assert.True(result.IsChange);
    }

    [Fact]
    public void A_restart_while_another_program_had_dropped_the_run_is_still_one()
    {
        var published = Alive(A) with { RunId = "run" };
        var now = Alive(A) with { RunId = "new" };

        Assert.Equal(DecisionKind.Restart, Assert.Single(Ballot.Count(Paper(Alive(A), Ours(0, 0, now), Ours(1, 0, now)) with { Published = Map(published) }).Flips).Kind);
        Assert.Equal(DecisionKind.Restart, Assert.Single(Ballot.Count(Paper(Alive(A), Ours(0, 0, now), Ours(1, 0, now))).Flips).Kind);
    }

    [Fact]
    public void Every_count_says_why_and_its_numbers_are_those_of_the_votes() =>
        Gen.Select(Gen.Int[0, 3].Array[0, 6], Gen.Int[0, 2], Gen.Int[0, 5]).Sample((says, was, expected) =>
        {
            var votes = says.Select((s, i) => s switch { 0 => Ours(i, 0, Dead(A)), 1 => Ours(i, 0, Alive(A)), 2 => Ours(i, 0), _ => Ours(i, 60_000, Dead(A)) }).ToArray();
            var paper = Paper(Alive(A), votes) with { Status = was == 2 ? Map() : Map(was == 1 ? Alive(A) : Dead(A)), ExpectedCheckers = expected == 0 ? null : expected };

            var count = Ballot.Count(paper).Shards[0];

            Assert.Equal(
                (says.Count(s => s == 1), says.Count(s => s == 0), says.Count(s => s == 2), says.Count(s => s == 3), Math.Max(expected, says.Length)),
                (count.Alive, count.Dead, count.Abstaining, count.Stale, count.Denominator));
            Assert.Contains(count.Denominator.ToString(CultureInfo.InvariantCulture), count.Why, StringComparison.Ordinal);
            Assert.Equal(says.Length, count.Votes.Length);
        });

    private static BallotPaper Paper(ShardStatus status, params Vote[] votes) =>
        new([A], Map(status), votes, null, 0, Now) { ReferenceTime = Reference };

    private static Vote Ours(int number, long age, params ShardStatus[] entries) => Vote(number, age, [.. entries.Select(e => new VoteEntry(e) { Seen = 1 })]);

    private static Vote Named(int number, string checker, long mzxid, ShardStatus entry) =>
        Vote(number, 0, new VoteEntry(entry) { Seen = 1, Checker = checker }) with { Mzxid = mzxid };

    private static Vote Vote(int number, long age, params VoteEntry[] entries) =>
        new($"n_{number:D10}", number, 100 + number, Reference - age, entries.ToDictionary(e => e.Status.Addr));

    private static Dictionary<string, ShardStatus> Map(params ShardStatus[] entries) => entries.ToDictionary(e => e.Addr);

    private static ShardStatus Alive(Shard shard) => new(shard.Addr, true, 1);

    private static ShardStatus Dead(Shard shard) => new(shard.Addr, false, 1);
}
