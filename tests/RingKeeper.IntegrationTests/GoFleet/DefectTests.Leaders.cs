using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.GoFleet;

/// <summary>What was found wrong with the Go package, by its number, and is not so here: leaders and votes.</summary>
public sealed partial class DefectTests : FleetTest
{
    [Fact]
    public async Task Defect_01_Votes_that_go_with_their_voters_count_no_more()
    {
        await StartAsync(shards: 1, checkers: 1, OfGo);
        var client = await Stack.ConnectAsync();
        await using var second = await GoVoter.JoinAsync(Stack);
        await using var third = await GoVoter.JoinAsync(Stack);
        await second.VoteAsync(Addr("shard1"), alive: false);
        await third.VoteAsync(Addr("shard1"), alive: false);
        await Views.WaitAsync(client, Views.IsDead("shard1"));

        // Nobody sets the parent.
        await second.DisposeAsync();
        await third.DisposeAsync();
        await Views.WaitAsync(client, Views.IsAlive("shard1"));
    }

    [Fact]
    public async Task Defect_02_A_checker_whose_session_expired_registers_again_and_its_vote_counts()
    {
        await StartAsync(shards: 1, checkers: 1, OfGo);
        var client = await Stack.ConnectAsync();
        var (node, owner) = await LeaderAsync();

        await Stack.Server.ExpireSessionAsync(owner);
        await WaitForLeaderAsync(other => other != owner);

        Assert.NotEqual(node, (await LeaderAsync()).Node);
        await Stack.Shards["shard1"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard1"));
    }

    [Fact]
    public async Task Defect_03_An_expired_leader_leads_no_more_and_each_change_is_written_once()
    {
        await StartAsync(shards: 1, checkers: 3);
        var client = await Stack.ConnectAsync();
        for (var i = 0; i < 2; i++)
        {
            var (_, owner) = await LeaderAsync();
            await Stack.Server.ExpireSessionAsync(owner);
            await WaitForLeaderAsync(other => other != owner);
            await Znodes.WaitAsync(Raw, ZKPaths.LocalStatus(Stack.Name), async () => (await VotesAsync()).Count == 3);
        }

        // A second leader would have written each of these once more, as in 0, 2, 4.
        var before = (await Znodes.StatAsync(Raw, Status)).Version;
        for (var i = 1; i <= 3; i++)
        {
            await Stack.Shards["shard1"].KillAsync();
            await Views.WaitAsync(client, Views.IsDead("shard1"));
            await Stack.Shards["shard1"].RestartAsync();
            await Views.WaitAsync(client, Views.IsAlive("shard1"));
        }

        Assert.Equal(before + 6, (await Znodes.StatAsync(Raw, Status)).Version);
    }

    [Fact]
    public async Task Defect_04_A_verdict_that_changed_while_ZooKeeper_was_away_is_published_by_the_same_session()
    {
        await StartAsync(shards: 1, checkers: 3);
        var client = await Stack.ConnectAsync();
        var before = await VotesAsync();
        await Stack.StopZooKeeperAsync();
        await Stack.Shards["shard1"].KillAsync();
        await Stack.RestartZooKeeperAsync();

        await Views.WaitAsync(client, Views.IsDead("shard1"));
        Assert.Equal(before, await VotesAsync());
    }

    [Fact]
    public async Task Defect_05_A_leader_whose_request_lost_its_answer_goes_on_deciding()
    {
        await StartAsync(shards: 1, checkers: 0, OfGo);
        await using var proxy = TcpProxy.Start(Stack.Server.Port);

        // No other checker that could help out, and a session that outlives everything.
        await using var checker = await StartCheckerAsync($"127.0.0.1:{proxy.Port}", TimeSpan.FromSeconds(20));
        var client = await Stack.ConnectAsync();
        await Views.WaitAsync(client, Views.AllAlive);
        var leader = await LeaderAsync();

        // It asks, and no answer comes back.
        proxy.Stall(StallDirection.ToClient);
        await KillUnderOtherEyesAsync("shard1");
        await proxy.CutAllAsync();
        proxy.Resume();

        await Views.WaitAsync(client, Views.IsDead("shard1"));
        Assert.Equal(leader, await LeaderAsync());
    }

    [Theory]
    [InlineData(StallDirection.ToServer)]
    [InlineData(StallDirection.ToClient)]
    public async Task Defect_06_A_client_whose_read_or_whose_watch_was_lost_goes_on_following(StallDirection lost)
    {
        await StartAsync(shards: 2, checkers: 0);
        await using var proxy = TcpProxy.Start(Stack.Server.Port);
        await using var client = await ZKCluster.ConnectAsync(new ZKConnectorOptions { ZKServers = $"127.0.0.1:{proxy.Port}", ZKTimeout = TimeSpan.FromSeconds(20) }, Stack.Name, cancellationToken: Cancel.Soon);
        await WriteStatusAsync(("shard1", true, 1), ("shard2", true, 1));
        await Views.WaitAsync(client, Views.AllAlive);
        var session = client.Session.SessionId;

        // It is told of this change and asks in vain, or is not told.
        proxy.Stall(lost);
        await WriteStatusAsync(("shard1", true, 1), ("shard2", false, 2));
        await proxy.CutAllAsync();
        proxy.Resume();
        await Views.WaitAsync(client, Views.IsDead("shard2"));
        await WriteStatusAsync(("shard1", false, 3), ("shard2", true, 3));
        await Views.WaitAsync(client, Views.IsDead("shard1"));
        Assert.Equal(session, client.Session.SessionId);
    }

    [Fact]
    public async Task Defect_11_A_status_of_null_stops_neither_checker_nor_leader()
    {
        await StartAsync(shards: 2, checkers: 1, OfGo);
        var client = await Stack.ConnectAsync();
        await Znodes.SetAsync(Raw, Status, "null");
        await using var late = await StartCheckerAsync(Stack.ZKServers, Stack.SessionTimeout);

        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => s.Count == 2 && s.Values.All(e => e.Alive));
        await Stack.Shards["shard1"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard1"));
        Assert.False(late.Completion.IsFaulted);
    }

    [Fact]
    public async Task Defect_24_A_foreign_node_that_sorts_before_the_checkers_blocks_nobody()
    {
        await StartAsync(shards: 1, checkers: 0, OfGo);
        await Raw.CreateAsync(ZKPaths.LocalStatus(Stack.Name), default, cancellationToken: Cancel.Soon);
        await Raw.CreateAsync($"{ZKPaths.LocalStatus(Stack.Name)}/_c_4f5e-n_0000000000", "{}"u8.ToArray(), CreateMode.Ephemeral, cancellationToken: Cancel.Soon);
        await Raw.CreateAsync($"{ZKPaths.LocalStatus(Stack.Name)}/a_0", default, cancellationToken: Cancel.Soon);

        await Stack.AddCheckerAsync();

        var client = await Stack.ConnectAsync();
        await Views.WaitAsync(client, Views.AllAlive);
    }

    [Fact]
    public async Task Defect_25_Addresses_that_are_no_shards_are_never_published()
    {
        await StartAsync(shards: 1, checkers: 1, OfGo);
        var client = await Stack.ConnectAsync();
        await using var voter = await GoVoter.JoinAsync(Stack);
        await voter.VoteAsync("10.9.9.9:1", alive: false);
        await voter.VoteAsync(Addr("shard1"), alive: false);
        await Stack.Shards["shard1"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard1"));

        Assert.Equal([Addr("shard1")], (await Znodes.StatusAsync(Raw, Stack.Name)).Keys);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Defect_26_A_checker_whose_node_was_taken_stands_in_line_again_after_a_pause_and_not_at_once()
    {
        await StartAsync(shards: 1, checkers: 1, OfGo);
        var client = await Stack.ConnectAsync();
        var (node, owner) = await LeaderAsync();
        await Znodes.SetAsync(Raw, ZKPaths.LocalStatus(Stack.Name), Stack.Name);
        var taken = (await Znodes.StatAsync(Raw, ZKPaths.LocalStatus(Stack.Name))).Mtime;

        await Raw.DeleteAsync(ZKPaths.Vote(Stack.Name, node), cancellationToken: Cancel.Soon);
        await WaitForLeaderAsync(other => other == owner);

        // By ZooKeeper's clock, in milliseconds; it may be late, never early.
        var back = await LeaderAsync();
        Assert.NotEqual(node, back.Node);
        Assert.True((await Znodes.StatAsync(Raw, ZKPaths.Vote(Stack.Name, back.Node))).Ctime - taken >= 1000, "it came back at once");
        await Stack.Shards["shard1"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard1"));
    }

    [Fact]
    public async Task Defect_26_A_crashed_leader_delays_a_decision_by_its_grace_and_not_by_its_session()
    {
        await StartAsync(shards: 1, checkers: 0, new ZKClusterOptions { ExpectedCheckers = 3 });

        // No session ends before the test gives up: only who stands in can decide.
        var session = TimeSpan.FromSeconds(40);
        await using var first = await StartCheckerAsync(Stack.ZKServers, session);
        await WaitForLeaderAsync(_ => true);
        await using var second = await StartCheckerAsync(Stack.ZKServers, session);
        await using var third = await StartCheckerAsync(Stack.ZKServers, session);
        var client = await Stack.ConnectAsync();
        await Views.WaitAsync(client, Views.AllAlive);
        await Znodes.WaitAsync(Raw, ZKPaths.LocalStatus(Stack.Name), async () => (await VotesAsync()).Count == 3);
        var crashed = (await VotesAsync())[0];
        var leader = new[] { first, second, third }.Single(c => c.Node == crashed);

        await leader.KillAsync();
        await Stack.Shards["shard1"].KillAsync();

        await Views.WaitAsync(client, Views.IsDead("shard1"));
        Assert.DoesNotContain(crashed, await VotesAsync());
        Assert.Equal(2, (await VotesAsync()).Count);
    }
}
