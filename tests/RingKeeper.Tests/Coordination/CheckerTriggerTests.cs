using System.Text;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.Coordination;

/// <summary>Everything that makes the leader count, each without the help of any other: no time passes but where time is the trigger.</summary>
public sealed class CheckerTriggerTests
{
    private const string Name = SteppedFleet.Name;

    [Fact]
    public async Task A_vote_that_changes_in_its_znode_alone()
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        WriteVote(fleet, fleet.Checkers[1], alive: false);
        await fleet.SettleAsync();
        Assert.True(fleet.Status[fleet.Addrs[0]].Alive);
        WriteVote(fleet, fleet.Checkers[2], alive: false);
        await fleet.SettleAsync();

        Assert.False(fleet.Status[fleet.Addrs[0]].Alive);
    }

    [Fact]
    public async Task Localstatus_being_set_as_a_Go_checker_does()
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        var reads = fleet.Checkers[0].Session.Reads;
        fleet.Set(ZKPaths.LocalStatus(Name), Name);
        await fleet.SettleAsync();

        Assert.True(fleet.Checkers[0].Session.Reads > reads + 5);
    }

    [Fact]
    public async Task A_checker_that_comes()
    {
        var fleet = new SteppedFleet();
        await fleet.AddAsync();
        Assert.Empty(fleet.Status);
        await fleet.Hand.CreateAsync(
            $"{ZKPaths.LocalStatus(Name)}/n_", Vote(fleet, "other", alive: true), CreateMode.EphemeralSequential, cancellationToken: TestContext.Current.CancellationToken);
        await fleet.SettleAsync();

        Assert.True(fleet.Status[fleet.Addrs[0]].Alive);
    }

    [Fact]
    public async Task A_checker_that_goes()
    {
        // Without an expected number the majority is of those present: one of two is none, one of one is.
        var fleet = new SteppedFleet(expected: null);
        var leader = await fleet.AddAsync();
        var other = await fleet.Hand.CreateAsync(
            $"{ZKPaths.LocalStatus(Name)}/n_", Vote(fleet, "other", alive: true), CreateMode.EphemeralSequential, cancellationToken: TestContext.Current.CancellationToken);
        await fleet.RunAsync(TimeSpan.FromSeconds(10));
        leader.FindDead(fleet.Addrs[0]);
        await fleet.SettleAsync();
        Assert.True(fleet.Status[fleet.Addrs[0]].Alive);

        await fleet.Hand.DeleteAsync(other, cancellationToken: TestContext.Current.CancellationToken);
        await fleet.SettleAsync();
        Assert.False(fleet.Status[fleet.Addrs[0]].Alive);
    }

    [Fact]
    public async Task Taking_office()
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        fleet.Checkers[0].Session.Suspend();
        fleet.Checkers[1].FindDead(fleet.Addrs[0]);
        fleet.Checkers[2].FindDead(fleet.Addrs[0]);
        await fleet.SettleAsync();
        Assert.True(fleet.Status[fleet.Addrs[0]].Alive);

        fleet.ZooKeeper.End(fleet.Checkers[0].Session.Session.SessionId);
        await fleet.SettleAsync();
        Assert.False(fleet.Status[fleet.Addrs[0]].Alive);
        Assert.True(fleet.Checkers[1].Steps.IsLeading);
    }

    [Fact]
    public async Task A_change_of_the_cluster()
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        fleet.Set(ZKPaths.Shards(Name), Encoding.UTF8.GetString(ZNodeCodec.EncodeShards([new Shard("s1", fleet.Addrs[0]) { Drained = true }, new Shard("s2", fleet.Addrs[1])])));
        await fleet.SettleAsync();
        Assert.True(fleet.Status[fleet.Addrs[0]].Alive);

        fleet.Set(ZKPaths.Cluster(Name), "2");
        await fleet.SettleAsync();
        Assert.False(fleet.Status[fleet.Addrs[0]].Alive);
    }

    [Fact]
    public async Task A_reconnect()
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        var leader = fleet.Checkers[0];
        leader.Session.Suspend();
        leader.Steps.HearSession(leader.Session.Session);
        await fleet.SettleAsync();
        leader.Session.IsDeaf = true;
        WriteVote(fleet, fleet.Checkers[1], alive: false);
        WriteVote(fleet, fleet.Checkers[2], alive: false);
        leader.Session.IsDeaf = false;
        leader.Session.Reconnect();
        Assert.True(fleet.Status[fleet.Addrs[0]].Alive);

        leader.Steps.HearSession(leader.Session.Session);
        await leader.StepIfWokenAsync();
        Assert.False(fleet.Status[fleet.Addrs[0]].Alive);
    }

    [Fact]
    public async Task A_write_of_the_status_by_another()
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        var wrong = fleet.Status[fleet.Addrs[0]] with { Alive = false };
        fleet.Set(ZKPaths.Status(Name), Encoding.UTF8.GetString(ZNodeCodec.EncodeStatuses(fleet.Status.SetItem(fleet.Addrs[0], wrong))));
        await fleet.SettleAsync();

        Assert.True(fleet.Status[fleet.Addrs[0]].Alive);
    }

    [Fact]
    public async Task A_hold_that_elapses()
    {
        // Who has been in office for less than two seconds publishes no death where nobody is expected.
        var fleet = new SteppedFleet(expected: null);
        var leader = await fleet.AddAsync(change: o => o with { RecountInterval = TimeSpan.FromHours(1), VoteRefresh = TimeSpan.FromHours(1) });
        await fleet.AddAsync(change: o => o with { RecountInterval = TimeSpan.FromHours(1), VoteRefresh = TimeSpan.FromHours(1) });
        leader.FindDead(fleet.Addrs[0]);
        fleet.Checkers[1].FindDead(fleet.Addrs[0]);
        await fleet.SettleAsync();
        Assert.True(fleet.Status[fleet.Addrs[0]].Alive);

        await fleet.RunAsync(TimeSpan.FromSeconds(3));
        Assert.False(fleet.Status[fleet.Addrs[0]].Alive);
    }

    [Theory]
    [InlineData(3600, 10, 5)]
    [InlineData(2, 10, 2)]
    [InlineData(3600, 1, 0.5)]
    public async Task Time_at_least_twice_in_a_refresh(double recount, double refresh, double expected)
    {
        var fleet = new SteppedFleet();
        var leader = await fleet.AddAsync(change: o => o with { RecountInterval = TimeSpan.FromSeconds(recount), VoteRefresh = TimeSpan.FromSeconds(refresh) });
        await leader.StepAsync();
        Assert.Equal(TimeSpan.FromSeconds(expected), leader.DueAt - fleet.Time.GetUtcNow());

        // A change that nobody is told of.
        leader.Session.IsDeaf = true;
        await fleet.Hand.CreateAsync(
            $"{ZKPaths.LocalStatus(Name)}/n_", Vote(fleet, "other", alive: true), CreateMode.EphemeralSequential, cancellationToken: TestContext.Current.CancellationToken);
        await fleet.RunAsync(TimeSpan.FromSeconds(expected) - TimeSpan.FromMilliseconds(1));
        Assert.Empty(fleet.Status);
        await fleet.RunAsync(TimeSpan.FromMilliseconds(1));
        Assert.True(fleet.Status[fleet.Addrs[0]].Alive);
    }

    private static void WriteVote(SteppedFleet fleet, SteppedChecker checker, bool alive) =>
        fleet.ZooKeeper.Single(ZooKeeperOp.SetData(ZKPaths.Vote(Name, checker.Steps.Node!), Vote(fleet, "hand" + checker.Steps.Node, alive)), session: 0);

    private static byte[] Vote(SteppedFleet fleet, string id, bool alive) =>
        ZNodeCodec.EncodeVote(fleet.Addrs.ToDictionary(a => a, a => new VoteEntry(new ShardStatus(a, a != fleet.Addrs[0] || alive, 1)) { Seen = 1, Checker = id }));
}
