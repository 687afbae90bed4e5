using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.Coordination;

/// <summary>One checker, one vote: whatever is restarted, cut off or configured twice.</summary>
public sealed class CheckerIdentityTests
{
    private const string Name = SteppedFleet.Name;

    [Fact]
    public async Task A_restarted_checker_takes_away_the_node_that_its_crash_left_behind()
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        var crashed = fleet.Checkers[0];
        fleet.Checkers.Remove(crashed);
        var restarted = await fleet.AddAsync("checker1");

        Assert.Equal([fleet.Checkers[0].Steps.Node!, fleet.Checkers[1].Steps.Node!, restarted.Steps.Node!], fleet.Line);
        Assert.True(fleet.Checkers[0].Steps.IsLeading);
        Assert.Contains(crashed.Steps.Node!, Assert.Single(restarted.Lines, l => l.Id == 243).Line, StringComparison.Ordinal);
        Assert.DoesNotContain(restarted.Lines, l => l.Id == 244);
    }

    [Fact]
    public async Task Of_two_with_one_id_the_later_votes_and_the_earlier_stands_aside_until_it_is_gone()
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        var earlier = fleet.Checkers[1];
        var later = await fleet.AddAsync("checker2");
        var node = later.Steps.Node!;
        await fleet.RunAsync(TimeSpan.FromMinutes(5));

        Assert.Contains(node, fleet.Line);
        Assert.Equal(3, fleet.Line.Count);
        Assert.Null(earlier.Steps.Node);
        Assert.Contains("'checker2'", earlier.Steps.Trouble, StringComparison.Ordinal);
        Assert.Contains("id of its own", Assert.Single(earlier.Lines, l => l.Id == 244).Line, StringComparison.Ordinal);

        later.Session.Suspend();
        fleet.ZooKeeper.End(later.Session.Session.SessionId);
        await fleet.RunAsync(TimeSpan.FromSeconds(6));
        Assert.Equal(3, fleet.Line.Count);
        Assert.Contains(earlier.Steps.Node, fleet.Line);
        Assert.Null(earlier.Steps.Trouble);
    }

    [Fact]
    public async Task Two_with_one_id_do_not_delete_each_other_though_sessions_of_both_expire()
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        await fleet.AddAsync("checker2");
        for (var i = 0; i < 5; i++)
        {
            await fleet.RunAsync(TimeSpan.FromSeconds(20));
            fleet.Checkers[1].Session.Expire();
            fleet.Checkers[3].Session.Expire();
            await fleet.RunAsync(TimeSpan.FromSeconds(20));
        }

        Assert.Equal(3, fleet.Line.Count);
        Assert.InRange(fleet.Checkers.Sum(c => c.Lines.Count(l => l.Id == 243)), 1, 6);
    }

    [Fact]
    public async Task Two_that_start_at_the_same_moment_with_one_id_leave_one_node()
    {
        var fleet = new SteppedFleet();
        var first = new SteppedChecker(fleet, "same", static o => o);
        var second = new SteppedChecker(fleet, "same", static o => o);
        fleet.Checkers.AddRange([first, second]);

        // The second registers between the first's look at the line and its own node.
        first.Session.Before = (request, path) =>
        {
            if (request == "multi" && path == ZKPaths.LocalStatus(Name))
            {
                first.Session.Before = static (_, _) => { };
                Assert.True(second.StepAsync().IsCompletedSuccessfully);
            }
        };
        await first.StepAsync();
        await fleet.RunAsync(TimeSpan.FromSeconds(30));

        Assert.Single(fleet.Line);
        Assert.Single(fleet.Checkers, c => c.Steps.Node is not null);
        Assert.Single(fleet.Checkers, c => c.Lines.Any(l => l.Id == 244));
    }

    [Fact]
    public async Task After_a_lost_reply_the_node_of_its_own_session_is_adopted_and_a_second_one_deleted()
    {
        var fleet = new SteppedFleet();
        var checker = new SteppedChecker(fleet, "checker1", static o => o);
        fleet.Checkers.Add(checker);
        fleet.Create(ZKPaths.LocalStatus(Name), Name);
        await checker.Session.CreateAsync($"{ZKPaths.LocalStatus(Name)}/n_", "{}"u8.ToArray(), CreateMode.EphemeralSequential, cancellationToken: TestContext.Current.CancellationToken);
        await checker.Session.CreateAsync($"{ZKPaths.LocalStatus(Name)}/n_", "{}"u8.ToArray(), CreateMode.EphemeralSequential, cancellationToken: TestContext.Current.CancellationToken);
        await checker.StepAsync();
        await fleet.SettleAsync();

        Assert.Equal(["n_0000000000"], fleet.Line);
        Assert.Equal("n_0000000000", checker.Steps.Node);
        Assert.Equal(2, fleet.VoteOf(checker).Count);
    }

    [Fact]
    public async Task A_stop_takes_away_a_node_whose_creation_was_not_waited_for()
    {
        var fleet = new SteppedFleet();
        var checker = new SteppedChecker(fleet, "checker1", static o => o);
        checker.Session.Before = (request, path) =>
        {
            if (request == "read" && path == ZKPaths.LocalStatus(Name) && fleet.Line.Count == 1)
            {
                throw new OperationCanceledException();
            }
        };
        await Assert.ThrowsAsync<OperationCanceledException>(checker.StepAsync);
        Assert.Single(fleet.Line);
        checker.Session.Before = static (_, _) => { };
        await checker.Steps.WithdrawAsync(TestContext.Current.CancellationToken);

        Assert.Empty(fleet.Line);
    }

    [Fact]
    public void Made_ids_differ_and_are_allowed()
    {
        var made = Enumerable.Range(0, 100).Select(_ => CheckerIdentity.Make("Büro PC/2" + new string('x', 200), new Random(1))).ToList();

        Assert.Equal(100, made.Distinct(StringComparer.Ordinal).Count());
        Assert.All(made, id => Assert.Null(CheckerIdentity.FlawOf(id)));
        Assert.StartsWith("B-ro-PC-2x", made[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("ü")]
    [InlineData("a/b")]
    public void An_id_that_is_not_allowed_is_refused_with_the_field_and_the_value(string id)
    {
        var options = new ZKCheckerOptions { ZKServers = "127.0.0.1:1", ClusterName = "c", CheckerId = id };
        var e = Assert.Throws<RingKeeperException>(options.Validate);
        Assert.Contains($"CheckerId: '{id}'", e.Message, StringComparison.Ordinal);
        Assert.NotNull(CheckerIdentity.FlawOf(new string('a', 129)));
        Assert.Null(CheckerIdentity.FlawOf(new string('a', 128)));
    }

    [Fact]
    public void Times_that_cannot_work_are_refused()
    {
        var options = new ZKCheckerOptions { ZKServers = "127.0.0.1:1", ClusterName = "c" };
        options.Validate();
        (options with { BrakeHold = TimeSpan.Zero }).Validate();
        foreach (var (wrong, name) in new[]
        {
            (options with { VoteRefresh = TimeSpan.Zero }, "VoteRefresh"), (options with { BrakeHold = TimeSpan.FromTicks(-1) }, "BrakeHold"),
            (options with { RecountInterval = TimeSpan.FromDays(1) }, "RecountInterval"), (options with { LeaderGrace = TimeSpan.Zero }, "LeaderGrace"),
        })
        {
            Assert.StartsWith($"{name} is ", Assert.Throws<RingKeeperException>(wrong.Validate).Message, StringComparison.Ordinal);
        }
    }
}
