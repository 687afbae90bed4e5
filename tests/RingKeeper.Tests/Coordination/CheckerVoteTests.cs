using System.Text;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.Coordination;

/// <summary>What a checker writes, when, and what it leaves out.</summary>
public sealed class CheckerVoteTests
{
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_vote_says_whose_it_is_when_the_shard_was_probed_and_what_was_found()
    {
        var fleet = new SteppedFleet();
        var checker = await fleet.AddAsync("web-1");
        fleet.Time.Advance(TimeSpan.FromMilliseconds(700));
        checker.Hang(fleet.Addrs[1]);
        fleet.Time.Advance(TimeSpan.FromMilliseconds(200));
        checker.Find(fleet.Addrs[0], o => o with { RunId = "r2", RttDeviation = TimeSpan.FromMilliseconds(1), Error = ProbeOutcome.Busy });
        checker.Find(fleet.Addrs[1], o => o with { Alive = false, Suppressed = new FlapSuppression("it flaps", DateTimeOffset.UnixEpoch.AddSeconds(3)) });
        await fleet.SettleAsync();

        var vote = fleet.VoteOf(checker);
        var now = Stamps.Now(fleet.Time);
        Assert.Equal(
            new VoteEntry(new ShardStatus(fleet.Addrs[0], true, 1) { RunId = "r2", Role = "master" }) { Seen = now, Checker = "web-1", RttMicroseconds = 2000, RttDeviationMicroseconds = 1000, Error = "Busy" },
            vote[fleet.Addrs[0]]);
        Assert.Equal((now - 200_000, "it flaps", 3_000_000L), (vote[fleet.Addrs[1]].Seen, vote[fleet.Addrs[1]].Suppressed, vote[fleet.Addrs[1]].SuppressedUntil));
    }

    [Fact]
    public async Task Round_trips_alone_are_no_change_and_a_run_id_is_one()
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        var (checker, zxid) = (fleet.Checkers[1], fleet.ZooKeeper.Zxid);
        checker.Find(fleet.Addrs[0], o => o with { Rtt = TimeSpan.FromMilliseconds(9) });
        await fleet.SettleAsync();
        Assert.Equal(zxid, fleet.ZooKeeper.Zxid);

        checker.Find(fleet.Addrs[0], o => o with { RunId = "r2" });
        await fleet.SettleAsync();
        Assert.Equal("r2", fleet.VoteOf(checker)[fleet.Addrs[0]].Status.RunId);
        Assert.Equal(9000, fleet.VoteOf(checker)[fleet.Addrs[0]].RttMicroseconds);
    }

    [Fact]
    public async Task With_nothing_changing_the_votes_are_written_anew_each_refresh_and_nothing_else_is_written()
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        await fleet.RunAsync(Refresh);
        var (zxid, woken) = (fleet.ZooKeeper.Zxid, fleet.ZooKeeper.StatOf(ZKPaths.LocalStatus(SteppedFleet.Name))!.Value.Mzxid);
        var versions = fleet.Checkers.ConvertAll(c => fleet.StatOf(c).Version);

        await fleet.RunAsync(60 * Refresh);

        Assert.Equal(3 * 60, fleet.ZooKeeper.Zxid - zxid);
        Assert.All(fleet.Checkers.Zip(versions), c => Assert.Equal(c.Second + 60, fleet.StatOf(c.First).Version));
        Assert.Equal(woken, fleet.ZooKeeper.StatOf(ZKPaths.LocalStatus(SteppedFleet.Name))!.Value.Mzxid);
        Assert.Equal(Stamps.Now(fleet.Time), fleet.VoteOf(fleet.Checkers[2])[fleet.Addrs[0]].Seen!.Value, tolerance: 10_000_000);
    }

    [Fact]
    public async Task With_nothing_changing_few_reads_are_made()
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        var fourth = await fleet.AddAsync();
        await fleet.RunAsync(Refresh);
        var before = fleet.Checkers.ConvertAll(c => c.Session.Reads);
        await fleet.RunAsync(10 * Refresh);

        // A step of one who does not count: its own node and the line. It takes two a refresh.
        Assert.InRange(fourth.Session.Reads - before[3], 20, 50);

        // Who counts reads all votes after each write of one, and each recount interval: 4 + 2 steps a refresh at most, of 2 + 12 reads.
        Assert.All(fleet.Checkers.Take(3).Zip(before), c => Assert.InRange(c.First.Session.Reads - c.Second, 20, 10 * 6 * 14));
    }

    [Fact]
    public async Task A_shard_whose_probes_hang_is_left_out_of_the_next_vote_and_said_so_once()
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        var checker = fleet.Checkers[1];
        checker.Hang(fleet.Addrs[0]);
        await fleet.RunAsync(2 * Refresh);

        Assert.Equal([fleet.Addrs[1]], fleet.VoteOf(checker).Keys);
        var line = Assert.Single(checker.Lines, l => l.Id == 240).Line;
        Assert.Contains(fleet.Addrs[0], line, StringComparison.Ordinal);
        Assert.Contains("3 s", line, StringComparison.Ordinal);
        Assert.Equal((1, 1), (checker.Health.AbstentionCount, checker.Health.VerdictCount));
        Assert.StartsWith($"{fleet.Addrs[0]}: ", Assert.Single(checker.Health.AbstentionReasons), StringComparison.Ordinal);

        checker.HangsSince.Clear();
        await fleet.RunAsync(Refresh);
        Assert.Equal(2, fleet.VoteOf(checker).Count);
        Assert.Single(checker.Lines, l => l.Id == 241);
    }

    [Fact]
    public async Task A_checker_whose_probing_hangs_altogether_keeps_no_verdict_fresh()
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        var checker = fleet.Checkers[0];
        fleet.Addrs.ToList().ForEach(checker.Hang);
        await fleet.RunAsync(2 * Refresh);

        Assert.Empty(fleet.VoteOf(checker));
    }

    [Fact]
    public async Task An_abstention_with_its_reason_is_passed_on()
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        var checker = fleet.Checkers[2];
        foreach (var addr in fleet.Addrs)
        {
            checker.Find(addr, o => o with { Alive = null, IsAbstaining = true, Reason = "this process was paused for 4 s" });
        }

        await fleet.SettleAsync();
        Assert.Empty(fleet.VoteOf(checker));
        Assert.Contains("this process was paused for 4 s", Assert.Single(checker.Lines, l => l.Id == 240).Line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_the_vote_sets_localstatus_and_a_vote_written_again_does_not()
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        long Woken() => fleet.ZooKeeper.StatOf(ZKPaths.LocalStatus(SteppedFleet.Name))!.Value.Mzxid;
        var (checker, before) = (fleet.Checkers[1], Woken());
        var version = fleet.StatOf(checker).Version;
        checker.Session.Suspend();
        checker.Steps.HearSession(checker.Session.Session);
        checker.Session.Reconnect();
        checker.Steps.HearSession(checker.Session.Session);
        await fleet.SettleAsync();
        Assert.Equal((version + 1, before), (fleet.StatOf(checker).Version, Woken()));

        checker.FindDead(fleet.Addrs[0]);
        await fleet.SettleAsync();
        Assert.True(Woken() > before);
    }

    [Fact]
    public async Task A_vote_whose_write_had_no_answer_is_written_again_and_told()
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        var (checker, before) = (fleet.Checkers[1], fleet.ZooKeeper.StatOf(ZKPaths.LocalStatus(SteppedFleet.Name))!.Value.Mzxid);
        checker.FindDead(fleet.Addrs[0]);
        checker.Session.Before = (what, path) =>
        {
            if (what == "multi" && path == ZKPaths.LocalStatus(SteppedFleet.Name))
            {
                checker.Session.Before = static (_, _) => { };
                throw new ZooKeeperException(ZooKeeperErrorCode.ConnectionLoss, path, OperationOutcome.Unknown);
            }
        };
        await fleet.SettleAsync();
        Assert.True(fleet.VoteOf(checker)[fleet.Addrs[0]].Status.Alive);
        await fleet.RunAsync(TimeSpan.FromSeconds(1));
        Assert.False(fleet.VoteOf(checker)[fleet.Addrs[0]].Status.Alive);
        Assert.True(fleet.ZooKeeper.StatOf(ZKPaths.LocalStatus(SteppedFleet.Name))!.Value.Mzxid > before);
    }

    [Theory]
    [InlineData("takes office")]
    [InlineData("was paused")]
    [InlineData("reconnects")]
    public async Task The_leader_writes_its_vote_anew_before_it_counts_when_it(string what)
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        var leader = fleet.Checkers[what == "takes office" ? 1 : 0];
        var before = fleet.StatOf(leader).Version;
        var requests = new List<string>();
        leader.Session.Before = (request, path) => requests.Add($"{request} {path[(path.LastIndexOf('/') + 1)..]}");
        switch (what)
        {
            case "takes office":
                fleet.Checkers[0].Session.Expire();
                break;
            case "was paused":
                fleet.Time.Advance(TimeSpan.FromSeconds(7));
                await leader.StepAsync();
                Assert.Contains(leader.Lines, l => l.Id == 245);
                break;
            default:
                // As fast as can be: the change of the session is not even told.
                leader.Session.Suspend();
                leader.Session.Reconnect();
                await leader.StepAsync();
                break;
        }

        await fleet.SettleAsync();
        Assert.Equal(before + 1, fleet.StatOf(leader).Version);
        var write = requests.IndexOf($"set {leader.Steps.Node}");
        Assert.DoesNotContain("read status", what == "takes office" ? requests.SkipWhile(r => r != $"set {leader.Steps.Node}").Take(1) : requests.Take(write));
        Assert.Contains("read status", requests.Skip(write));
        Assert.True(leader.Steps.IsLeading);
    }

    [Fact]
    public async Task No_request_of_a_step_goes_out_under_a_session_that_came_after_it_began()
    {
        // Whatever the request during which the session is lost and another one opened.
        for (var lost = 0; ; lost++)
        {
            var fleet = await SteppedFleet.OfThreeAsync();
            var leader = fleet.Checkers[0];
            leader.FindDead(fleet.Addrs[0]);
            fleet.Checkers[1].FindDead(fleet.Addrs[0]);
            await fleet.Checkers[1].StepAsync();
            var (count, after) = (0, new List<string>());
            leader.Session.Before = (request, path) =>
            {
                if (count++ == lost)
                {
                    leader.Session.Expire();
                }
                else if (count > lost + 1)
                {
                    after.Add($"{request} {path}");
                }
            };
            await leader.StepAsync();
            if (count <= lost)
            {
                Assert.True(lost > 10, $"The step made {count} requests only.");
                return;
            }

            Assert.Empty(after);
            Assert.DoesNotContain(leader.Steps.Node ?? "none", fleet.Line);
        }
    }

    [Fact]
    public async Task A_step_that_was_held_up_decides_nothing_before_the_vote_is_written_anew()
    {
        var fleet = await SteppedFleet.OfThreeAsync();
        var leader = fleet.Checkers[0];
        leader.FindDead(fleet.Addrs[0]);
        fleet.Checkers[1].FindDead(fleet.Addrs[0]);
        await fleet.Checkers[1].StepAsync();
        leader.Session.Before = (request, path) =>
        {
            if (request == "read" && path == ZKPaths.Status(SteppedFleet.Name))
            {
                leader.Session.Before = static (_, _) => { };
                fleet.Time.Advance(TimeSpan.FromSeconds(11));
            }
        };
        await leader.StepAsync();
        Assert.True(fleet.Status[fleet.Addrs[0]].Alive);

        var stamped = fleet.StatOf(leader).Version;
        await leader.StepAsync();
        Assert.False(fleet.Status[fleet.Addrs[0]].Alive);
        Assert.Equal(stamped + 1, fleet.StatOf(leader).Version);
    }

    [Fact]
    public async Task The_clusters_policy_on_flapping_reaches_the_probes_with_each_topology()
    {
        var fleet = new SteppedFleet(flapPolicy: FlapPolicy.Decaying);
        var checker = await fleet.AddAsync();
        Assert.Equal(FlapPolicy.Decaying, checker.FlapPolicy);

        fleet.Set(ZKPaths.Options(SteppedFleet.Name), Encoding.UTF8.GetString(ZNodeCodec.EncodeOptions(new ZKClusterOptions { FlapPolicy = FlapPolicy.Off })));
        fleet.Set(ZKPaths.Cluster(SteppedFleet.Name), "2");
        await fleet.SettleAsync();
        Assert.Equal(FlapPolicy.Off, checker.FlapPolicy);
    }
}
