using CsCheck;
using Xunit;

namespace RingKeeper.Tests.Coordination;

public class BallotTests
{
    private const long Now = 1_800_000_000_000_000;
    private static readonly Shard A = new("a", "a:1");
    private static readonly Shard B = new("b", "b:1");

    [Fact]
    public void A_shard_dies_when_a_strict_majority_says_so()
    {
        var result = Count(Alive(A), null, VoteOf(0, Dead(A)), VoteOf(1, Dead(A)), VoteOf(2, Alive(A)));

        var flip = Assert.Single(result.Flips);
        Assert.Equal(("a:1", true, false, 2, 1, 3), (flip.Addr, flip.Was, flip.Alive, flip.Count.Dead, flip.Count.Alive, flip.Count.Denominator));
        Assert.False(result.Status["a:1"].Alive);
    }

    [Fact]
    public void A_tie_changes_nothing() => Assert.Empty(Count(Alive(A), null, VoteOf(0, Dead(A)), VoteOf(1, Alive(A))).Flips);

    [Fact]
    public void A_single_survivor_of_three_expected_checkers_decides_nothing() =>
        Assert.Empty(Count(Alive(A), 3, VoteOf(0, Dead(A))).Flips);

    [Fact]
    public void More_checkers_than_expected_raise_the_denominator() =>
        Assert.Empty(Count(Alive(A), 3, VoteOf(0, Dead(A)), VoteOf(1, Dead(A)), VoteOf(2), VoteOf(3)).Flips);

    [Fact]
    public void An_abstention_counts_in_the_denominator_only() =>
        Assert.Empty(Count(Alive(A), null, VoteOf(0, Dead(A)), VoteOf(1)).Flips);

    [Fact]
    public void A_vote_that_cannot_be_read_counts_in_the_denominator_only() =>
        Assert.Empty(Count(Alive(A), null, VoteOf(0, Dead(A)), new Vote("n_0000000001", 0, 101, 0, null)).Flips);

    [Fact]
    public void Without_a_status_a_majority_is_needed_either_way()
    {
        Assert.Empty(Count([], 3, VoteOf(0, Alive(A))).Flips);
        Assert.True(Assert.Single(Count([], 3, VoteOf(0, Alive(A)), VoteOf(1, Alive(A))).Flips).Alive);
        Assert.Null(Count([], 3, VoteOf(0, Dead(A)), VoteOf(1, Dead(A))).Flips[0].Was);
    }

    [Fact]
    public void A_session_has_one_vote_its_newest()
    {
        var older = new Vote("n_0000000000", 5, 7, 100, Says(Dead(A)));
        var newer = new Vote("n_0000000001", 0, 7, 200, Says(Alive(A)));

        Assert.Empty(Count(Alive(A), null, older, newer).Flips);
    }

    [Fact]
    public void Addresses_that_are_no_shards_are_not_published_and_known_ones_are_kept()
    {
        var gone = new ShardStatus("gone:1", true, 5);
        var status = new Dictionary<string, ShardStatus> { ["gone:1"] = gone, ["a:1"] = new("a:1", true, 5) };

        var result = Ballot.Count(new BallotPaper([A], status, [VoteOf(0, Dead(A), new ShardStatus("gone:1", false, 9), new ShardStatus("new:1", true, 9))], null, 0, Now));

        Assert.Equal(gone, result.Status["gone:1"]);
        Assert.False(result.Status.ContainsKey("new:1"));
        Assert.Equal("a:1", Assert.Single(result.Flips).Addr);
    }

    [Fact]
    public void A_decision_rests_on_the_votes_of_its_majority()
    {
        var result = Count(Alive(A), null, VoteOf(0, Alive(A)), VoteOf(1, Dead(A)), VoteOf(2, Dead(A)));

        Assert.Equal(["n_0000000001", "n_0000000002"], result.RestsOn.Select(v => v.Node));
    }

    [Fact]
    public void Entries_changed_by_one_decision_share_a_stamp_above_every_stamp_in_sight()
    {
        var ahead = Now + 60_000_000;
        var status = new Dictionary<string, ShardStatus> { ["a:1"] = new("a:1", true, ahead), ["b:1"] = new("b:1", true, 3) };

        var result = Ballot.Count(new BallotPaper([A, B], status, [VoteOf(0, Dead(A), Dead(B)), VoteOf(1, Dead(A), Dead(B))], null, 0, Now));

        Assert.Equal(ahead + Stamps.GapMicroseconds, result.Status["a:1"].Since);
        Assert.Equal(result.Status["a:1"].Since, result.Status["b:1"].Since);
    }

    [Fact]
    public void The_stamp_of_a_decision_is_above_the_topology_it_was_made_under()
    {
        var result = Ballot.Count(new BallotPaper([A], new Dictionary<string, ShardStatus>(), [VoteOf(0, Alive(A))], null, Now + 5, Now));

        Assert.Equal(Now + 5 + Stamps.GapMicroseconds, result.Status["a:1"].Since);
    }

    [Fact]
    public void A_Since_that_another_program_lowered_is_raised_again()
    {
        var result = Ballot.Count(Foreign(new ShardStatus("a:1", true, 100), published: new ShardStatus("a:1", true, 500)));

        Assert.Equal((true, 500L), (result.Status["a:1"].Alive, result.Status["a:1"].Since));
        Assert.Equal(["a:1"], result.Raised);
        Assert.Empty(result.Flips);
        Assert.False(Ballot.Count(Foreign(new ShardStatus("a:1", true, 500), published: new ShardStatus("a:1", true, 500))).IsChange);
    }

    [Fact]
    public void A_state_that_another_program_changed_under_a_lower_Since_gets_a_stamp_of_its_own()
    {
        var ahead = Now + 60_000_000;

        var result = Ballot.Count(Foreign(new ShardStatus("a:1", false, 100), published: new ShardStatus("a:1", true, ahead)));

        Assert.Equal((false, ahead + Stamps.GapMicroseconds), (result.Status["a:1"].Alive, result.Status["a:1"].Since));
        Assert.Equal(["a:1"], result.Raised);
    }

    [Fact]
    public void A_decision_is_above_a_Since_that_another_program_hid()
    {
        var ahead = Now + 60_000_000;

        var result = Ballot.Count(Foreign(new ShardStatus("a:1", true, 100), new ShardStatus("b:1", true, ahead), VoteOf(0, Dead(A))));

        Assert.Equal((false, ahead + Stamps.GapMicroseconds), (result.Status["a:1"].Alive, result.Status["a:1"].Since));
        Assert.Empty(result.Raised);
    }

    [Fact]
    public void An_address_that_is_no_shard_any_more_is_not_raised() =>
        Assert.False(Ballot.Count(Foreign(new ShardStatus("gone:1", true, 1), published: new ShardStatus("gone:1", true, 2))).IsChange);

    [Fact]
    public void Defect_25_An_address_that_is_no_shard_and_that_nobody_votes_for_goes_once_the_topology_has_stood_for_long()
    {
        ShardStatus[] status = [new("a:1", true, 5), new("gone:1", true, 6), new("voted:1", true, 7), new("largest:1", false, 8)];
        var paper = new BallotPaper([A], Map(status), [VoteOf(0, Alive(A), new ShardStatus("voted:1", true, 1))], null, 0, Now);

        Assert.False(Ballot.Count(paper).IsChange);
        var result = Ballot.Count(paper with { MayPrune = true });
        Assert.Equal(["gone:1"], result.Pruned);
        Assert.Equal(["a:1", "largest:1", "voted:1"], result.Status.Keys.Order());
    }

    [Fact]
    public void No_state_ever_flips_without_a_strict_majority_of_those_present_and_expected()
    {
        var entry = Gen.Int[0, 2];
        Gen.Select(entry.Array[0, 7], Gen.Int[0, 2], Gen.Int[0, 6]).Sample((votes, was, expected) =>
        {
            var papers = votes.Select((v, i) => v == 2 ? VoteOf(i) : VoteOf(i, v == 1 ? Alive(A) : Dead(A))).ToArray();
            ShardStatus[] status = was == 2 ? [] : [was == 1 ? Alive(A) : Dead(A)];
            var result = Count(status, expected == 0 ? null : expected, papers);
            var denominator = Math.Max(expected, votes.Length);
            var verdict = votes.Count(v => v == 1) * 2 > denominator ? 1 : votes.Count(v => v == 0) * 2 > denominator ? 0 : 2;
            var shouldFlip = verdict != 2 && verdict != was;

            Assert.Equal(shouldFlip, result.Flips.Length == 1);
            if (shouldFlip)
            {
                Assert.Equal(verdict == 1, result.Status["a:1"].Alive);
                Assert.True(result.RestsOn.Length * 2 > denominator);
            }
        });
    }

    [Fact]
    public void The_fenced_write_checks_the_own_node_the_cluster_and_every_vote_it_rests_on()
    {
        var own = VoteOf(0, Alive(A));
        var result = Count(Alive(A), null, own, VoteOf(1, Dead(A)), VoteOf(2, Dead(A)));

        var operations = DecisionRound.FencedWrite("x", result, own, clusterVersion: 9, statusVersion: 4);

        Assert.Equal(
            ["/goreclusters/x", "/goreclusters/x/localstatus/n_0000000000", "/goreclusters/x/localstatus/n_0000000001", "/goreclusters/x/localstatus/n_0000000002", "/goreclusters/x/status"],
            operations.Select(o => o.Path));
    }

    private static BallotPaper Foreign(ShardStatus present, ShardStatus published, params Vote[] votes) =>
        new([A], Map(present), votes, null, 0, Now) { Published = Map(published) };

    private static BallotResult Count(ShardStatus status, int? expected, params Vote[] votes) => Count([status], expected, votes);

    private static BallotResult Count(ShardStatus[] status, int? expected, params Vote[] votes) =>
        Ballot.Count(new BallotPaper([A], Map(status), votes, expected, 0, Now));

    private static Vote VoteOf(int number, params ShardStatus[] entries) => new($"n_{number:D10}", number, 100 + number, number, Says(entries));

    private static Dictionary<string, VoteEntry> Says(params ShardStatus[] entries) => entries.ToDictionary(e => e.Addr, e => new VoteEntry(e) { Seen = 1 });

    private static Dictionary<string, ShardStatus> Map(params ShardStatus[] entries) => entries.ToDictionary(e => e.Addr);

    private static ShardStatus Alive(Shard shard) => new(shard.Addr, true, 1);

    private static ShardStatus Dead(Shard shard) => new(shard.Addr, false, 1);
}
