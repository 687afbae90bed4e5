using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.Coordination;

/// <summary>A checker for which all shards fail at once asks the others before it votes.</summary>
public sealed class CheckerDistrustTests
{
    [Fact]
    public async Task All_shards_failing_at_once_for_one_checker_are_left_out_of_its_vote_while_the_others_see_one_alive()
    {
        var fleet = await SteppedFleet.OfThreeAsync(shards: 3);
        var cutOff = fleet.Checkers[0];
        fleet.Checkers[1].FindDead(fleet.Addrs[0]);
        await fleet.SettleAsync();
        FailAll(fleet, cutOff);
        await fleet.SettleAsync();

        Assert.Empty(fleet.VoteOf(cutOff));
        Assert.Equal((0, 3), (cutOff.Health.VerdictCount, cutOff.Health.AbstentionCount));
        Assert.Contains("failed at once", Assert.Single(cutOff.Lines, l => l.Id == 240).Line, StringComparison.Ordinal);
        Assert.Contains("failed at once", cutOff.Health.AbstentionReasons[2], StringComparison.Ordinal);
        Assert.All(fleet.Addrs, a => Assert.True(fleet.Status[a].Alive));
    }

    [Fact]
    public async Task When_one_shard_answers_the_others_have_as_long_again_before_they_are_voted_dead()
    {
        var fleet = await SteppedFleet.OfThreeAsync(shards: 3);
        var cutOff = fleet.Checkers[0];
        FailAll(fleet, cutOff);
        await fleet.RunAsync(TimeSpan.FromSeconds(5));
        Assert.Empty(fleet.VoteOf(cutOff));

        cutOff.FindAlive(fleet.Addrs[1]);
        await fleet.SettleAsync();
        Assert.Equal(fleet.Addrs[1], Assert.Single(fleet.VoteOf(cutOff).Keys));

        await fleet.RunAsync(TimeSpan.FromSeconds(2.9));
        Assert.Single(fleet.VoteOf(cutOff));
        await fleet.RunAsync(TimeSpan.FromSeconds(0.2));
        Assert.Equal([false, true, false], fleet.Addrs.Select(a => fleet.VoteOf(cutOff)[a].Status.Alive));
        Assert.DoesNotContain(cutOff.Lines, l => l.Id == 242);
    }

    [Fact]
    public async Task A_shard_that_has_answered_and_dies_is_voted_dead_at_once()
    {
        var fleet = await SteppedFleet.OfThreeAsync(shards: 3);
        var cutOff = fleet.Checkers[0];
        FailAll(fleet, cutOff);
        await fleet.RunAsync(TimeSpan.FromSeconds(5));
        cutOff.FindAlive(fleet.Addrs[1]);
        cutOff.FindAlive(fleet.Addrs[2]);
        await fleet.SettleAsync();
        cutOff.FindDead(fleet.Addrs[2]);
        await fleet.SettleAsync();

        Assert.Equal([fleet.Addrs[1], fleet.Addrs[2]], fleet.VoteOf(cutOff).Keys.Order(StringComparer.Ordinal));
        Assert.False(fleet.VoteOf(cutOff)[fleet.Addrs[2]].Status.Alive);
    }

    [Fact]
    public async Task The_first_death_is_not_voted_while_all_other_shards_give_bad_results()
    {
        var fleet = await SteppedFleet.OfThreeAsync(shards: 3);
        var cutOff = fleet.Checkers[0];
        cutOff.FindFailing(fleet.Addrs[1]);
        cutOff.FindFailing(fleet.Addrs[2]);
        cutOff.FindDead(fleet.Addrs[0]);
        await fleet.SettleAsync();

        Assert.Empty(fleet.VoteOf(cutOff));
    }

    [Fact]
    public async Task It_ends_when_the_others_do_not_call_any_alive_any_more()
    {
        var fleet = await SteppedFleet.OfThreeAsync(shards: 3);
        var cutOff = fleet.Checkers[0];
        FailAll(fleet, cutOff);
        await fleet.SettleAsync();
        FailAll(fleet, fleet.Checkers[1]);
        await fleet.SettleAsync();
        Assert.All(fleet.Addrs, a => Assert.True(fleet.Status[a].Alive));

        // Now the third sees it too: whom it asks, and who asks it, says alive of none.
        FailAll(fleet, fleet.Checkers[2]);
        await fleet.RunAsync(TimeSpan.FromSeconds(2.5));
        Assert.All(fleet.Addrs, a => Assert.False(fleet.Status[a].Alive));
        Assert.Contains("do not call any of them alive", Assert.Single(cutOff.Lines, l => l.Id == 242).Line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_ends_after_the_hold_and_does_not_begin_again_before_a_shard_answers()
    {
        var fleet = await SteppedFleet.OfThreeAsync(shards: 3);
        var cutOff = fleet.Checkers[0];
        FailAll(fleet, cutOff);
        await fleet.RunAsync(TimeSpan.FromSeconds(29.9));
        Assert.Empty(fleet.VoteOf(cutOff));

        await fleet.RunAsync(TimeSpan.FromSeconds(0.2));
        Assert.All(fleet.Addrs, a => Assert.False(fleet.VoteOf(cutOff)[a].Status.Alive));
        Assert.Contains("BrakeHold", Assert.Single(cutOff.Lines, l => l.Id == 242).Line, StringComparison.Ordinal);
        await fleet.RunAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(3, fleet.VoteOf(cutOff).Count);
        Assert.All(fleet.Addrs, a => Assert.True(fleet.Status[a].Alive));
    }

    [Fact]
    public async Task Shards_that_die_one_after_another_are_voted_dead()
    {
        var fleet = await SteppedFleet.OfThreeAsync(shards: 2);
        var checker = fleet.Checkers[0];
        checker.FindDead(fleet.Addrs[0]);
        await fleet.RunAsync(TimeSpan.FromSeconds(4));
        checker.FindDead(fleet.Addrs[1]);
        await fleet.SettleAsync();

        Assert.Equal([false, false], fleet.Addrs.Select(a => fleet.VoteOf(checker)[a].Status.Alive));
    }

    [Fact]
    public async Task The_others_are_asked_only_when_all_failed_at_once()
    {
        var fleet = new SteppedFleet(shards: 1);
        var checker = await fleet.AddAsync();
        await fleet.AddAsync();
        checker.FindDead(fleet.Addrs[0]);
        await fleet.SettleAsync();
        Assert.False(fleet.VoteOf(checker)[fleet.Addrs[0]].Status.Alive);

        var many = await SteppedFleet.OfThreeAsync(shards: 3);
        var fourth = await many.AddAsync();
        await many.RunAsync(TimeSpan.FromSeconds(1));
        fourth.FindDead(many.Addrs[0]);
        fourth.FindDead(many.Addrs[1]);
        var (reads, requests) = (0, new List<string>());
        fourth.Session.Before = (_, path) => requests.Add(path);
        await fourth.StepAsync();
        reads = requests.Count(p => p.Contains("n_", StringComparison.Ordinal) && !p.EndsWith(fourth.Steps.Node!, StringComparison.Ordinal));
        Assert.Equal(0, reads);

        fourth.FindDead(many.Addrs[2]);
        await fourth.StepAsync();
        Assert.Equal(3, requests.Count(p => p.Contains("n_", StringComparison.Ordinal) && !p.EndsWith(fourth.Steps.Node!, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Deaths_while_ZooKeeper_was_away_count_from_when_they_were_seen()
    {
        var fleet = await SteppedFleet.OfThreeAsync(shards: 2);
        var checker = fleet.Checkers[0];
        checker.Session.Suspend();
        checker.FindDead(fleet.Addrs[0]);
        await fleet.RunAsync(TimeSpan.FromSeconds(6));
        checker.FindDead(fleet.Addrs[1]);
        await fleet.SettleAsync();
        checker.Session.Reconnect();
        await checker.StepAsync();

        Assert.Equal([false, false], fleet.Addrs.Select(a => fleet.VoteOf(checker)[a].Status.Alive));
    }

    private static void FailAll(SteppedFleet fleet, SteppedChecker checker) => fleet.Addrs.ToList().ForEach(checker.FindDead);
}

public sealed class MassFailurePolicyTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(3);

    [Theory]
    [InlineData("dead0 dead0", 2)]
    [InlineData("dead0 dead3", 2)]
    [InlineData("dead0 dead4", 0)]
    [InlineData("dead0", 0)]
    [InlineData("", 0)]
    [InlineData("dead0 dead0 alive", 0)]
    [InlineData("dead0 dead0 answers", 0)]
    [InlineData("dead0 dead0 none", 2)]
    [InlineData("dead0 dead1 dead900", 3)]
    public void All_fail_at_once_if_none_answers_and_two_died_within_the_window(string shards, int failed)
    {
        var known = shards.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((s, i) => new ShardObservation($"h:{i}")
        {
            Alive = s == "none" ? null : s == "alive",
            Error = s.StartsWith("dead", StringComparison.Ordinal) ? ProbeOutcome.TimedOut : null,
            Suppressed = s == "answers" ? new FlapSuppression("flaps", null) : null,
        });
        var deadFor = shards.Split(' ').Select((s, i) => (s, i)).Where(x => x.s.StartsWith("dead", StringComparison.Ordinal)).ToDictionary(x => $"h:{x.i}", x => TimeSpan.FromSeconds(int.Parse(x.s[4..], System.Globalization.CultureInfo.InvariantCulture)));

        Assert.Equal(failed, MassFailurePolicy.FailedAtOnce(known, deadFor, Window).Count);
    }

    [Fact]
    public void A_shard_that_is_kept_from_returning_but_does_not_answer_fails() =>
        Assert.True(MassFailurePolicy.IsFailing(new ShardObservation("h:1") { Alive = false, Suppressed = new FlapSuppression("flaps", null), Error = ProbeOutcome.TimedOut }));

    [Theory]
    [InlineData("A A", true)]
    [InlineData("A D", false)]
    [InlineData("A D A", true)]
    [InlineData("A -", true)]
    [InlineData("A o", false)]
    [InlineData("Aold Aold D", false)]
    [InlineData("Gold Gold D", true)]
    [InlineData("A A/A D D", false)]
    [InlineData("", false)]
    public void The_others_contradict_if_a_strict_majority_of_their_fresh_votes_says_alive(string votes, bool contradict)
    {
        var others = votes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((v, i) => Vote(v, i));

        Assert.Equal(contradict, MassFailurePolicy.ContradictedBy(["h:1"], others, reference: 100_000, TimeSpan.FromSeconds(30)) is { Addr: "h:1" });
    }

    // A alive, D dead, o of another shard only, - of none; G a Go program; old beyond the limit; after a slash the checker of the one before.
    private static Vote Vote(string text, int index)
    {
        var entries = new Dictionary<string, VoteEntry>();
        if (text[0] != '-')
        {
            var addr = text[0] == 'o' ? "h:2" : "h:1";
            entries[addr] = new VoteEntry(new ShardStatus(addr, text[0] is 'A' or 'G' or 'o', 1)) { Seen = text[0] == 'G' ? null : 1, Checker = text[0] == 'G' ? null : $"k{(text.Contains('/', StringComparison.Ordinal) ? index - 1 : index)}" };
        }

        return new Vote($"n_{index}", 0, index, text.Contains("old", StringComparison.Ordinal) ? 69_999 : 70_000, entries) { Mzxid = index };
    }
}
