using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.GoFleet;

/// <summary>The defects of clients, managers and probes.</summary>
public sealed partial class DefectTests
{
    [Fact]
    public async Task Defect_07_A_status_made_anew_is_followed_though_its_version_is_lower()
    {
        await StartAsync(shards: 2, checkers: 0);
        var client = await Stack.ConnectAsync();
        for (var since = 1; since <= 5; since++)
        {
            await WriteStatusAsync(("shard1", true, since), ("shard2", true, since));
        }

        await Views.WaitAsync(client, view => Views.Of(view, "shard1")?.Since == 5);
        await Raw.DeleteAsync(Status, cancellationToken: Cancel.Soon);
        await WriteStatusAsync(("shard1", false, 6), ("shard2", true, 1));

        await Views.WaitAsync(client, Views.IsDead("shard1"));
        Assert.Equal(0, (await Znodes.StatAsync(Raw, Status)).Version);
        Assert.Equal("shard2", (await client.ConnectAsync(Views.KeyOf(client.View.Ring, "shard1"), cancellationToken: Cancel.Soon)).Shard.Name);
    }

    [Fact]
    public async Task Defect_08_An_update_is_followed_by_clients_and_checkers_that_run()
    {
        await StartAsync(shards: 1, checkers: 1, OfGo);
        var client = await Stack.ConnectAsync();
        var newcomer = await Stack.StartShardAsync("shard2");

        await new GoManager(Raw).UpdateAsync(Stack.Name, [new Shard("shard1", Addr("shard1")), newcomer]);

        await Views.WaitAsync(client, view => view.Ring.Shards.Count == 2 && Views.AllAlive(view));
        await using var late = await ZKCluster.ConnectAsync(Stack.ZKServers, Stack.Name, Cancel.Soon);
        Assert.Equal("shard2", (await late.ConnectAsync(Views.KeyOf(late.View.Ring, "shard2"), cancellationToken: Cancel.Soon)).Shard.Name);

        // The checker goes on probing the new shard, and both clients follow.
        await Stack.Shards["shard2"].KillAsync();
        foreach (var follower in new[] { client, late })
        {
            await Views.WaitAsync(follower, Views.IsDead("shard2"));
            Assert.Equal("shard1", (await follower.ConnectAsync(Views.KeyOf(follower.View.Ring, "shard2"), cancellationToken: Cancel.Soon)).Shard.Name);
        }

        await Stack.Shards["shard2"].RestartAsync();
        await Views.WaitAsync(client, Views.IsAlive("shard2"));
    }

    [Fact]
    public async Task Defect_09_A_cluster_that_is_checked_is_deleted_whole_or_not_at_all_and_not_made_again()
    {
        await StartAsync(shards: 1, checkers: 1, OfGo);
        var client = await Stack.ConnectAsync();
        var before = await TreeAsync(ZKPaths.Cluster(Stack.Name));
        await Assert.ThrowsAsync<RingKeeperException>(() => Stack.Manager.DeleteClusterAsync(Stack.Name, cancellationToken: Cancel.Soon));
        Assert.Equal(before, await TreeAsync(ZKPaths.Cluster(Stack.Name)));

        await Stack.Manager.DeleteClusterAsync(Stack.Name, force: true, Cancel.Soon);
        await KillUnderOtherEyesAsync("shard1");
        Assert.Empty(await TreeAsync(ZKPaths.Cluster(Stack.Name)));
        Assert.Equal(["other"], await Stack.Manager.GetNamesAsync(Cancel.Soon));
        Assert.Equal("shard1", client.View.Ring.Shards[0].Name);

        // The checker has not died of it.
        await Stack.Manager.CreateClusterAsync(Stack.Name, [new Shard("shard1", Addr("shard1"))], OfGo, Cancel.Soon);
        await Views.WaitAsync(client, Views.IsDead("shard1"));
    }

    [Fact]
    public async Task Defect_09_What_a_Go_manager_leaves_of_a_cluster_that_is_checked_gets_no_status_again_and_can_be_deleted()
    {
        await StartAsync(shards: 1, checkers: 1, OfGo);
        Assert.False(await new GoManager(Raw).DeleteAsync(Stack.Name));
        await KillUnderOtherEyesAsync("shard1");
        Assert.Null(await Znodes.TextAsync(Raw, ZKPaths.Shards(Stack.Name)));
        Assert.Null(await Znodes.TextAsync(Raw, Status));

        await Stack.Manager.DeleteClusterAsync(Stack.Name, force: true, Cancel.Soon);
        Assert.Empty(await TreeAsync(ZKPaths.Cluster(Stack.Name)));
        await Stack.Manager.CreateClusterAsync(Stack.Name, [new Shard("shard1", Addr("shard1"))], OfGo, Cancel.Soon);
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => s.Values.Any(e => !e.Alive));
    }

    [Fact]
    public async Task Defect_10_A_cluster_that_a_manager_left_half_made_is_named_so_and_can_be_deleted_and_made_anew()
    {
        await StartEmptyAsync();
        await Raw.CreateAsync(ZKPaths.Root, default, cancellationToken: Cancel.Soon);
        await Raw.CreateAsync(ZKPaths.Cluster("half"), "1795361500939340"u8.ToArray(), cancellationToken: Cancel.Soon);
        foreach (var use in new Func<Task>[] { () => Stack.Manager.GetClusterAsync("half", Cancel.Soon), () => ZKCluster.ConnectAsync(Stack.ZKServers, "half", Cancel.Soon) })
        {
            var e = await Assert.ThrowsAsync<RingKeeperException>(use);
            Assert.Contains("half-made", e.Message, StringComparison.Ordinal);
            Assert.Contains("Delete it", e.Message, StringComparison.Ordinal);
        }

        await Stack.Manager.DeleteClusterAsync("half", cancellationToken: Cancel.Soon);
        Assert.Equal("half", (await Stack.Manager.CreateClusterAsync("half", [new Shard("a", ":1")], cancellationToken: Cancel.Soon)).Name);
    }

    [Fact]
    public async Task Defect_13_A_client_is_closed_while_a_large_status_is_rewritten_all_the_time()
    {
        await StartAsync(shards: 2, checkers: 0);
        using var stop = new CancellationTokenSource();
        using var unobserved = new UnobservedFaults();
        var writing = RewriteAsync(stop.Token);
        var witness = await Stack.ConnectAsync();
        for (var i = 0; i < 20; i++)
        {
            var client = await ZKCluster.ConnectAsync(Stack.ZKServers, Stack.Name, Cancel.Soon);
            var seen = client.View.StatusVersion;
            var last = await Views.WaitAsync(client, view => view.StatusVersion > seen);

            // A caller is under way too; it is served or told that the client is closed.
            var calling = Task.Run(async () =>
            {
                while (true)
                {
                    await client.ConnectAsync("k", cancellationToken: Cancel.Soon);
                }
            });
            await client.DisposeAsync().AsTask().WaitAsync(Cancel.Soon);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => calling);

            // What is written from now on reaches nothing that is closed.
            await Views.WaitAsync(witness, view => view.StatusVersion > last.StatusVersion + 2);
            Assert.Throws<ObjectDisposedException>(() => client.View);
        }

        await stop.CancelAsync();
        await writing;

        // The manager's, the witness's and this test's.
        Assert.Equal(3, Stack.Server.Sessions.Count);
        Assert.Empty(unobserved.Collect());
    }

    [Fact]
    public async Task Defect_14_What_is_closed_says_so_and_stopping_or_starting_twice_does_no_harm()
    {
        await StartAsync(shards: 1, checkers: 0, OfGo);
        var client = await ZKCluster.ConnectAsync(Stack.ZKServers, Stack.Name, Cancel.Soon);
        await client.DisposeAsync();
        await client.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await client.ConnectAsync("k", cancellationToken: Cancel.Soon));

        var local = new LocalChecker(new LocalCheckerOptions());
        local.SetShards([new Shard("a", Addr("shard1"))]);
        await local.DisposeAsync();
        await local.DisposeAsync();

        await using var checker = await ZKChecker.ConnectAsync(new ZKCheckerOptions { ZKServers = Stack.ZKServers, ClusterName = Stack.Name, Interval = Stack.Interval }, Cancel.Soon);
        await checker.StopAsync(Cancel.Soon);
        await checker.StartAsync(Cancel.Soon);
        await checker.StartAsync(Cancel.Soon);
        await WaitForLeaderAsync(_ => true);
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => s.Count == 1);
        Assert.Single(await VotesAsync());
        await checker.StopAsync(Cancel.Soon);
        await checker.StopAsync(Cancel.Soon);
        Assert.Empty(await VotesAsync());
    }

    [Fact]
    public async Task Defect_15_A_checker_that_is_stopped_leaves_no_vote_and_one_that_starts_again_has_one()
    {
        await StartAsync(shards: 1, checkers: 0, OfGo);
        await using var first = await StartCheckerAsync(Stack.ZKServers, Stack.SessionTimeout);
        await WaitForLeaderAsync(_ => true);
        await using var second = await StartCheckerAsync(Stack.ZKServers, Stack.SessionTimeout);
        var client = await Stack.ConnectAsync();
        await Views.WaitAsync(client, Views.AllAlive);
        await Znodes.WaitAsync(Raw, ZKPaths.LocalStatus(Stack.Name), async () => (await VotesAsync()).Count == 2);

        await first.StopAsync(Cancel.Soon);
        Assert.False(first.IsLeading);
        Assert.Single(await VotesAsync());
        await Stack.Shards["shard1"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard1"));

        await first.StartAsync(Cancel.Soon);
        await Znodes.WaitAsync(Raw, ZKPaths.LocalStatus(Stack.Name), async () => (await VotesAsync()).Count == 2);
        Assert.Equal(2, (await Task.WhenAll((await VotesAsync()).Select(v => Znodes.StatAsync(Raw, ZKPaths.Vote(Stack.Name, v))))).Select(s => s.EphemeralOwner).Distinct().Count());
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Defect_16_A_hung_server_dies_and_blocks_neither_the_only_worker_nor_the_end()
    {
        await using var hung = await RedisServer.StartAsync();
        await using var killed = await RedisServer.StartAsync();
        await StartEmptyAsync();
        await Stack.Manager.CreateClusterAsync(Stack.Name, [new Shard("hung", hung.Addr), new Shard("killed", killed.Addr)], OfGo, Cancel.Soon);
        await using var checker = await StartCheckerAsync(Stack.ZKServers, Stack.SessionTimeout, workers: 1);
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => s.Values.Count(e => e.Alive) == 2);

        hung.Pause();
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => !s[hung.Addr].Alive);
        await killed.KillAsync();
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => !s[killed.Addr].Alive);
        await checker.StopAsync().WaitAsync(Cancel.Soon);
    }

    [Fact]
    public async Task Defect_17_No_worker_at_all_is_refused_and_named()
    {
        await StartAsync(shards: 1, checkers: 0, OfGo);

        var e = await Assert.ThrowsAsync<RingKeeperException>(() => StartCheckerAsync(Stack.ZKServers, Stack.SessionTimeout, workers: 0));

        Assert.Contains("WorkerCount is 0", e.Message, StringComparison.Ordinal);
        Assert.Equal(2, Stack.Server.Sessions.Count);
        Assert.Empty(await VotesAsync());
        Assert.Contains("WorkerCount is 0", Assert.Throws<RingKeeperException>(() => new LocalChecker(new LocalCheckerOptions { WorkerCount = 0 })).Message, StringComparison.Ordinal);

        // What blocked was the end: with the fewest that are taken, it decides and ends.
        await using var checker = await StartCheckerAsync(Stack.ZKServers, Stack.SessionTimeout, workers: 1);
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => s.Values.Any(e => e.Alive));
        await checker.StopAsync().WaitAsync(Cancel.Soon);
        Assert.Empty(await VotesAsync());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    public async Task Defect_19_Ring_parameters_that_make_no_ring_are_an_error_and_a_client_that_has_a_view_keeps_it(string parameters)
    {
        await StartAsync(shards: 1, checkers: 1, OfGo);
        var client = await Stack.ConnectAsync();
        var view = await Views.WaitAsync(client, Views.AllAlive);

        await new GoManager(Raw).UpdateAsync(Stack.Name, [new Shard("shard1", Addr("shard1"))], GoJson.Options(true, "Consistent", parameters));
        var e = await Assert.ThrowsAsync<RingKeeperException>(() => ZKCluster.ConnectAsync(Stack.ZKServers, Stack.Name, Cancel.Soon));
        Assert.Contains($"'{parameters}'", e.Message, StringComparison.Ordinal);
        await new GoManager(Raw).UpdateAsync(Stack.Name, [], GoJson.Options(true, "Consistent", "4"));
        Assert.Contains("shard", (await Assert.ThrowsAsync<RingKeeperException>(() => ZKCluster.ConnectAsync(Stack.ZKServers, Stack.Name, Cancel.Soon))).Message, StringComparison.Ordinal);

        Assert.Same(view.Ring, client.View.Ring);
        Assert.Equal("shard1", (await client.ConnectAsync("k", cancellationToken: Cancel.Soon)).Shard.Name);
    }

    [Fact]
    public async Task Defect_20_An_expiry_of_parts_of_a_second_is_kept_and_no_value_is_without_one()
    {
        await using var redis = await RedisServer.StartAsync();
        await StartEmptyAsync();
        await Stack.Manager.CreateClusterAsync(Stack.Name, [new Shard("a", redis.Addr)], OfGo, Cancel.Soon);
        await using var checker = await StartCheckerAsync(Stack.ZKServers, Stack.SessionTimeout);
        var client = await Stack.ConnectAsync();
        await Views.WaitAsync(client, Views.AllAlive);
        foreach (var (milliseconds, i) in new[] { 60_500, 90_250, 1_000_999, 1_500, 999, 500, 250, 2 }.Select((ms, i) => (ms, i)))
        {
            var database = (await client.ConnectAsync($"k{i}", cancellationToken: Cancel.Soon)).Database;

            // Asked in the same step, so that not even the shortest is over by then.
            var step = database.CreateTransaction();
            var before = await ClockAsync(database);
            var set = step.StringSetAsync($"k{i}", "v", TimeSpan.FromMilliseconds(milliseconds));
            var expiry = step.ExecuteAsync("PEXPIRETIME", $"k{i}");
            Assert.True(await step.ExecuteAsync());
            var after = await ClockAsync(database);

            // Rounded to seconds it would have been set before or after it was; without one it would be -1.
            Assert.True(await set);
            Assert.InRange((long)await expiry - milliseconds, before, after);
        }
    }

    [Fact]
    public async Task Defect_21_What_a_first_outage_left_behind_is_not_taken_for_fresh_in_the_second()
    {
        await StartAsync(shards: 2, checkers: 1, OfGo);
        var client = await Stack.ConnectAsync();
        var key = Views.KeyOf(client.View.Ring, "shard1");
        await Stack.Shards["shard1"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard1"));
        var first = await client.ConnectAsync(key, cancellationToken: Cancel.Soon);
        await first.Database.StringSetAsync(key, $"{first.ValidSince}:v2");

        await Stack.Shards["shard1"].RestartAsync();
        await Views.WaitAsync(client, Views.IsAlive("shard1"));

        // The checkers may know of the return before this client's own connection is back.
        await client.ExecuteAsync(key, back => back.Database.StringSetAsync(key, $"{back.ValidSince}:v3"), cancellationToken: Cancel.Soon);

        await Stack.Shards["shard1"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard1"));
        var second = await client.ConnectAsync(key, cancellationToken: Cancel.Soon);
        Assert.Equal("shard2", second.Shard.Name);
        var copy = ((string)(await second.Database.StringGetAsync(key))!).Split(':');
        Assert.Equal("v2", copy[1]);
        Assert.True(long.Parse(copy[0], System.Globalization.CultureInfo.InvariantCulture) < second.ValidSince, "v2 would be served though v3 was written after it");
    }

    [Fact]
    public async Task Defect_22_What_fails_leaves_no_session_and_no_connection_behind()
    {
        await StartAsync(shards: 1, checkers: 0, OfGo);
        await Stack.Shards["shard1"].KillAsync();
        await using var proxy = TcpProxy.Start(Stack.Server.Port);
        for (var i = 0; i < 20; i++)
        {
            await Assert.ThrowsAsync<RingKeeperException>(() => ZKCluster.ConnectAsync($"127.0.0.1:{proxy.Port}", "nope", Cancel.Soon));
            await Assert.ThrowsAsync<RingKeeperException>(() => ZKChecker.ConnectAsync(new ZKCheckerOptions { ZKServers = $"127.0.0.1:{proxy.Port}", ClusterName = "nope" }, Cancel.Soon));
        }

        // The manager of the stack and this test's client.
        Assert.Equal(2, Stack.Server.Sessions.Count);
        await proxy.WhenAllClosedAsync().WaitAsync(Cancel.Soon);

        // A shard that is dead from the start is probed over and over.
        await using var checker = await StartCheckerAsync(Stack.ZKServers, Stack.SessionTimeout);
        await Znodes.WaitForStatusAsync(Raw, Stack.Name, s => s.Values.Any(e => !e.Alive));
        Assert.Equal(3, Stack.Server.Sessions.Count);
    }

    [Fact]
    public async Task Defect_22_Connects_that_fail_open_nothing_and_keep_nothing()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = TcpProxy.Start(redis.Port);
        await StartEmptyAsync();
        await Stack.Manager.CreateClusterAsync(Stack.Name, [new Shard("a", proxy.Addr)], OfGo, Cancel.Soon);
        var client = await Stack.ConnectAsync(new ClusterOptions { ReadyTimeout = TimeSpan.FromMilliseconds(100) });
        var opened = proxy.ConnectionCount;
        Assert.InRange(opened, 1, 2);

        // Before anybody voted, when some of them wait; then while it is dead.
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Assert.ThrowsAsync<ShardNotReadyException>(async () => await client.ConnectAsync("k", cancellationToken: Cancel.Soon))));
        await Raw.CreateAsync(Status, GoJson.Statuses(new Dictionary<string, GoStatus> { [proxy.Addr] = new(proxy.Addr, false, 1) }), cancellationToken: Cancel.Soon);
        await Views.WaitAsync(client, Views.IsDead("a"));
        for (var i = 0; i < 200; i++)
        {
            await Assert.ThrowsAsync<NoShardAvailableException>(async () => await client.ConnectAsync("k", cancellationToken: Cancel.Soon));
        }

        Assert.Equal(opened, proxy.ConnectionCount);
        Assert.Equal(3, Stack.Server.Sessions.Count);
        await client.DisposeAsync();
        await proxy.WhenAllClosedAsync().WaitAsync(Cancel.Soon);
    }

    [Fact]
    public async Task Defect_23_ZooKeeper_out_of_reach_is_said_at_once_and_by_its_name()
    {
        await StartAsync(shards: 1, checkers: 0, OfGo);
        await using var manager = await ZKManager.ConnectAsync(Stack.ConnectorOptions(), Cancel.Soon);
        await Stack.StopZooKeeperAsync();
        var options = Stack.ConnectorOptions() with { StartTimeout = TimeSpan.FromMilliseconds(300) };
        foreach (var connect in new Func<Task>[]
        {
            () => ZKManager.ConnectAsync(options, Cancel.Soon),
            () => ZKCluster.ConnectAsync(options, Stack.Name, cancellationToken: Cancel.Soon),
            () => ZKChecker.ConnectAsync(new ZKCheckerOptions { ZKServers = options.ZKServers, StartTimeout = options.StartTimeout, ClusterName = Stack.Name }, Cancel.Soon),
        })
        {
            var e = await Assert.ThrowsAsync<ZooKeeperException>(connect);
            Assert.Equal(ZooKeeperErrorCode.ConnectionLoss, e.Code);
            Assert.Contains(Stack.ZKServers, e.Message, StringComparison.Ordinal);
        }

        var refusal = await Assert.ThrowsAsync<ZooKeeperException>(() => manager.CreateClusterAsync("new", [new Shard("a", ":1")], cancellationToken: Cancel.Soon));
        Assert.True(refusal.Code is ZooKeeperErrorCode.ConnectionLoss or ZooKeeperErrorCode.SessionExpired, refusal.Message);
        await Stack.RestartZooKeeperAsync();
    }

    // Every node from here down with its data; empty where there is none.
    private async Task<List<string>> TreeAsync(string path)
    {
        if (await Znodes.TextAsync(Raw, path) is not { } text)
        {
            return [];
        }

        List<string> tree = [$"{path} {text}"];
        foreach (var child in (await Raw.GetChildrenAsync(path, Cancel.Soon)).Names.Order(StringComparer.Ordinal))
        {
            tree.AddRange(await TreeAsync($"{path}/{child}"));
        }

        return tree;
    }

    // The server's own, in milliseconds.
    private static async Task<long> ClockAsync(IDatabase database)
    {
        var time = (RedisResult[])(await database.ExecuteAsync("TIME"))!;
        return ((long)time[0] * 1000) + ((long)time[1] / 1000);
    }

    private async Task RewriteAsync(CancellationToken cancellationToken)
    {
        var entries = Enumerable.Range(0, 300).Select(i => $"10.0.0.{i}:6379").Concat([Addr("shard1"), Addr("shard2")]).ToList();
        for (var since = 1; !cancellationToken.IsCancellationRequested; since++)
        {
            var status = GoJson.Statuses(entries.ToDictionary(a => a, a => new GoStatus(a, true, since)));
            if (since == 1)
            {
                await Raw.CreateAsync(Status, status, cancellationToken: CancellationToken.None);
            }
            else
            {
                await Raw.SetDataAsync(Status, status, cancellationToken: CancellationToken.None);
            }
        }
    }
}
