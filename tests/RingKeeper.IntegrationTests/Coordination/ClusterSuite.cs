using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>The cluster's behaviour under faults; the same on every stack.</summary>
public abstract class ClusterSuite<TStack> : IAsyncLifetime
    where TStack : ClusterStack, new()
{
    protected TStack Stack { get; } = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Stack.DisposeAsync();
    }

    [Fact]
    public async Task Keys_are_served_by_the_shards_that_own_them()
    {
        await Stack.StartAsync();
        var client = await Stack.ConnectAsync();
        var ring = client.View.Ring;
        for (var i = 0; i < 60; i++)
        {
            var route = await client.ConnectAsync($"k{i}", cancellationToken: Cancel.Soon);
            Assert.Equal(ring.Shards[ring.GetOwner(System.Text.Encoding.UTF8.GetBytes($"k{i}"))], route.Shard);
            Assert.True(route.ValidSince > 0);
            await route.Database.StringSetAsync($"k{i}", i);
        }

        foreach (var shard in ring.Shards)
        {
            await using var direct = await ConnectionMultiplexer.ConnectAsync(shard.Addr);
            var owned = Enumerable.Range(0, 60).First(i => ring.Shards[ring.GetOwner(System.Text.Encoding.UTF8.GetBytes($"k{i}"))] == shard);
            Assert.Equal(owned, (int)await direct.GetDatabase().StringGetAsync($"k{owned}"));
        }
    }

    [Fact]
    public async Task Clients_follow_the_ring_the_hash_tag_and_the_weights_of_the_cluster()
    {
        await Stack.StartAsync(options: new ZKClusterOptions { RingType = RingTypes.Rendezvous, HashTag = "{}", ExpectedCheckers = 3 });
        var client = await Stack.ConnectAsync();
        for (var i = 0; i < 20; i++)
        {
            var tagged = await client.ConnectAsync($"cart:{{u{i}}}:{i}", cancellationToken: Cancel.Soon);
            Assert.Equal((await client.ConnectAsync($"u{i}", cancellationToken: Cancel.Soon)).Shard, tagged.Shard);
        }

        await Stack.UpdateAsync(shards => shards.Select(shard => shard.Name == "shard1" ? shard with { Weight = 1000 } : shard));
        await Views.WaitAsync(client, view => view.Ring.Shards.Any(shard => shard.Weight == 1000));

        var ring = client.View.Ring;
        Assert.InRange(Enumerable.Range(0, 1000).Count(i => ring.Shards[ring.GetOwner(BitConverter.GetBytes(i))].Name == "shard1"), 980, 1000);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_shard_that_dies_or_hangs_fails_over_and_returns_with_a_later_epoch(bool hangs)
    {
        await Stack.StartAsync();
        var client = await Stack.ConnectAsync();
        var key = Views.KeyOf(client.View.Ring, "shard2");
        var other = Views.KeyOf(client.View.Ring, "shard1");
        var before = await client.ConnectAsync(key, cancellationToken: Cancel.Soon);
        var otherBefore = await client.ConnectAsync(other, cancellationToken: Cancel.Soon);

        await TakeAwayAsync("shard2", hangs);
        await Views.WaitAsync(client, Views.IsDead("shard2"));
        var during = await client.ConnectAsync(key, cancellationToken: Cancel.Soon);
        Assert.NotEqual("shard2", during.Shard.Name);
        Assert.True(during.ValidSince > before.ValidSince);
        await during.Database.StringSetAsync(key, "during");
        Assert.Equal(otherBefore, await client.ConnectAsync(other, cancellationToken: Cancel.Soon));
        await Assert.ThrowsAsync<NoShardAvailableException>(async () => await client.ConnectAsync(key, RoutePolicy.OwnerOnly, Cancel.Soon));

        await BringBackAsync("shard2", hangs);
        await Views.WaitAsync(client, Views.IsAlive("shard2"));
        var after = await client.ConnectAsync(key, cancellationToken: Cancel.Soon);
        Assert.Equal("shard2", after.Shard.Name);
        Assert.True(after.ValidSince > during.ValidSince);
    }

    [Fact]
    public async Task Without_failover_keys_of_a_dead_shard_are_refused_and_others_served()
    {
        await Stack.StartAsync(options: new ZKClusterOptions { FailoverEnabled = false, ExpectedCheckers = 3 });
        var client = await Stack.ConnectAsync();
        await Stack.Shards["shard3"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard3"));

        var key = Views.KeyOf(client.View.Ring, "shard3");
        var refusal = await Assert.ThrowsAsync<NoShardAvailableException>(async () => await client.ConnectAsync(key, cancellationToken: Cancel.Soon));
        Assert.Contains("shard3", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("shard1", (await client.ConnectAsync(Views.KeyOf(client.View.Ring, "shard1"), cancellationToken: Cancel.Soon)).Shard.Name);
    }

    [Fact]
    public async Task A_killed_checker_stops_nothing()
    {
        await Stack.StartAsync();
        var client = await Stack.ConnectAsync();
        await Stack.Checkers[2].KillAsync();
        await Stack.Shards["shard1"].KillAsync();

        await Views.WaitAsync(client, Views.IsDead("shard1"));
    }

    [Fact]
    public async Task When_the_leader_is_killed_the_next_one_decides()
    {
        await Stack.StartAsync();
        var client = await Stack.ConnectAsync();
        var leader = (await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon))[0];
        await Stack.Checkers[0].KillAsync();
        await Stack.Shards["shard1"].KillAsync();

        await Views.WaitAsync(client, Views.IsDead("shard1"));
        Assert.DoesNotContain(leader, await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon));

        await Stack.AddCheckerAsync();
        await Stack.Shards["shard1"].RestartAsync();
        await Views.WaitAsync(client, Views.IsAlive("shard1"));
    }

    [Fact]
    public async Task A_checker_that_is_stopped_leaves_the_line_at_once()
    {
        await Stack.StartAsync();
        var client = await Stack.ConnectToZooKeeperAsync();
        var first = (await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon))[0];
        var watch = await client.ExistsAndWatchAsync($"{ZKPaths.LocalStatus(Stack.Name)}/{first}", Cancel.Soon);
        await Stack.Checkers[0].StopAsync();

        // The process has ended by now; a session left to expire would still own the node.
        Assert.Null(await client.ExistsAsync($"{ZKPaths.LocalStatus(Stack.Name)}/{first}", Cancel.Soon));
        Assert.Equal(WatchedEventType.NodeDeleted, (await watch.Changed.WaitAsync(Cancel.Soon)).Type);
    }

    [Fact]
    public async Task One_of_three_expected_checkers_decides_nothing_until_a_second_comes()
    {
        await Stack.StartAsync(checkers: 0, options: new ZKClusterOptions { ExpectedCheckers = 3 });
        var client = await Stack.ConnectAsync(new ClusterOptions { ReadyTimeout = TimeSpan.FromMilliseconds(700) });
        await Stack.AddCheckerAsync();
        await Assert.ThrowsAsync<ShardNotReadyException>(async () => await client.ConnectAsync("k", cancellationToken: Cancel.Soon));

        await Stack.AddCheckerAsync();
        await Views.WaitAsync(client, Views.AllAlive);
        await client.ConnectAsync("k", cancellationToken: Cancel.Soon);
    }

    [Fact]
    public async Task Shards_join_and_leave_under_load_without_a_restart()
    {
        await Stack.StartAsync();
        await using var workload = await LoadAsync();
        var client = await Stack.ConnectAsync();
        var newcomer = await Stack.StartShardAsync("shard4");
        await Stack.UpdateAsync(shards => shards.Append(newcomer));
        await Views.WaitAsync(client, view => view.Ring.Shards.Count == 4 && Views.AllAlive(view));
        var key = Views.KeyOf(client.View.Ring, "shard4");
        var joined = await client.ConnectAsync(key, cancellationToken: Cancel.Soon);
        Assert.Equal("shard4", joined.Shard.Name);
        await joined.Database.StringSetAsync(key, "there");

        // The checkers follow too: the newcomer's death is noticed.
        await Stack.Shards["shard4"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard4"));
        await Stack.UpdateAsync(shards => shards.Where(s => s.Name != "shard4"));
        await Views.WaitAsync(client, view => view.Ring.Shards.Count == 3);
        var left = await client.ConnectAsync(key, cancellationToken: Cancel.Soon);
        Assert.True(left.ValidSince > joined.ValidSince);
        await AssertNothingStaleAsync(workload);
    }

    [Fact]
    public async Task Every_shard_dies_and_returns_in_turn_under_load_and_nothing_stale_is_read()
    {
        await Stack.StartAsync();
        var client = await Stack.ConnectAsync();
        await using var workload = await LoadAsync();
        foreach (var (shard, hangs) in new[] { ("shard2", true), ("shard2", true), ("shard1", false), ("shard3", true), ("shard3", false) })
        {
            await TakeAwayAsync(shard, hangs);
            await Views.WaitAsync(client, Views.IsDead(shard));
            await WritesAsync(workload, 200);
            await BringBackAsync(shard, hangs);
            await Views.WaitAsync(client, Views.IsAlive(shard));
            await WritesAsync(workload, 200);
        }

        await AssertNothingStaleAsync(workload);
    }

    [Fact]
    public async Task ZooKeeper_restarted_under_load_stops_no_client_and_decisions_go_on()
    {
        await Stack.StartAsync();
        var client = await Stack.ConnectAsync();
        await using var workload = await LoadAsync();
        await Stack.StopZooKeeperAsync();
        await WritesAsync(workload, 300);
        await Stack.RestartZooKeeperAsync();

        await Stack.Shards["shard2"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard2"));
        await Stack.Shards["shard2"].RestartAsync();
        await Views.WaitAsync(client, Views.IsAlive("shard2"));
        await AssertNothingStaleAsync(workload);
    }

    [Fact]
    public async Task A_shard_that_dies_while_ZooKeeper_is_away_is_decided_when_it_is_back()
    {
        await Stack.StartAsync();
        var client = await Stack.ConnectAsync();
        await Stack.StopZooKeeperAsync();
        await Stack.Shards["shard1"].KillAsync();
        Assert.Equal("shard2", (await client.ConnectAsync(Views.KeyOf(client.View.Ring, "shard2"), cancellationToken: Cancel.Soon)).Shard.Name);
        await Stack.RestartZooKeeperAsync();

        await Views.WaitAsync(client, Views.IsDead("shard1"));
    }

    [Fact]
    public async Task A_checker_started_while_ZooKeeper_is_away_votes_when_it_is_back()
    {
        await Stack.StartAsync(shards: 1, checkers: 0, options: new ZKClusterOptions());
        var client = await Stack.ConnectAsync();
        await using var checker = await ZKChecker.ConnectAsync(
            new ZKCheckerOptions { ZKServers = Stack.ZKServers, ZKTimeout = Stack.SessionTimeout, ClusterName = Stack.Name, Interval = Stack.Interval, Threshold = Stack.Threshold },
            Cancel.Soon);
        await Stack.StopZooKeeperAsync();
        await checker.StartAsync(Cancel.Soon);
        await Stack.RestartZooKeeperAsync();

        await Views.WaitAsync(client, Views.AllAlive);
    }

    [Fact]
    public async Task A_status_that_cannot_be_read_keeps_the_last_view_and_is_not_overwritten()
    {
        await Stack.StartAsync();
        var client = await Stack.ConnectAsync();
        var zooKeeper = await Stack.ConnectToZooKeeperAsync();
        var garbage = await zooKeeper.SetDataAsync(ZKPaths.Status(Stack.Name), "{oops"u8.ToArray(), cancellationToken: Cancel.Soon);
        await Stack.Shards["shard1"].KillAsync();
        Assert.Equal("shard2", (await client.ConnectAsync(Views.KeyOf(client.View.Ring, "shard2"), cancellationToken: Cancel.Soon)).Shard.Name);
        var e = await Assert.ThrowsAsync<RingKeeperException>(() => Stack.Manager.GetStatusAsync(Stack.Name, Cancel.Soon));
        Assert.Contains(ZKPaths.Status(Stack.Name), e.Message, StringComparison.Ordinal);
        Assert.Equal(garbage.Version, (await zooKeeper.ExistsAsync(ZKPaths.Status(Stack.Name), Cancel.Soon))!.Value.Version);

        await zooKeeper.SetDataAsync(ZKPaths.Status(Stack.Name), "{}"u8.ToArray(), cancellationToken: Cancel.Soon);
        await Views.WaitAsync(client, Views.IsDead("shard1"));
    }

    [Fact]
    public async Task A_voter_that_leaves_is_counted_no_more_at_once()
    {
        // No expected number, as in a Go cluster: the majority is of those present. Two more voters, hand-made, say the shard is dead.
        await Stack.StartAsync(shards: 2, checkers: 1, options: new ZKClusterOptions());
        var client = await Stack.ConnectAsync();
        var dead = $$$"""{"{{{Stack.Shards["shard1"].Addr}}}":{"Addr":"{{{Stack.Shards["shard1"].Addr}}}","Alive":false,"Since":1}}""";
        var first = await VoteByHandAsync(dead);
        await using var second = await VoteByHandAsync(dead);
        await Views.WaitAsync(client, Views.IsDead("shard1"));

        await first.DisposeAsync();
        await second.DisposeAsync();
        await Views.WaitAsync(client, Views.IsAlive("shard1"));
    }

    [Fact]
    public async Task A_decision_is_not_written_once_a_vote_it_rests_on_has_changed()
    {
        await Stack.StartAsync(shards: 1, checkers: 1, options: new ZKClusterOptions());
        var addr = Stack.Shards["shard1"].Addr;
        await using var zooKeeper = await VoteByHandAsync("{}");
        var cluster = await Stack.Manager.GetClusterAsync(Stack.Name, Cancel.Soon);
        var (data, status) = await zooKeeper.GetDataAsync(ZKPaths.Status(Stack.Name), Cancel.Soon);
        var votes = new List<Vote>();
        foreach (var node in await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon))
        {
            var vote = await zooKeeper.GetDataAsync(ZKPaths.Vote(Stack.Name, node), Cancel.Soon);
            votes.Add(new Vote(node, vote.Stat.Version, vote.Stat.EphemeralOwner, vote.Stat.Mtime, new Dictionary<string, VoteEntry> { [addr] = new(new(addr, false, 1)) { Seen = 1 } }));
        }

        var result = Ballot.Count(new BallotPaper(cluster.Shards, ZNodeCodec.DecodeStatuses("", data)!, votes, null, cluster.Version, 1));
        var write = DecisionRound.FencedWrite(Stack.Name, result, votes[0], cluster.Revision.Version, status.Version);
        await zooKeeper.SetDataAsync(ZKPaths.Vote(Stack.Name, votes[1].Node), "{}"u8.ToArray(), cancellationToken: Cancel.Soon);

        var refusal = await Assert.ThrowsAsync<ZooKeeperMultiException>(() => zooKeeper.MultiAsync(write, Cancel.Soon).AsTask());
        Assert.Equal((ZooKeeperErrorCode.BadVersion, ZKPaths.Vote(Stack.Name, votes[1].Node)), (refusal.Code, refusal.Path));
        Assert.Equal(status.Version, (await zooKeeper.ExistsAsync(ZKPaths.Status(Stack.Name), Cancel.Soon))!.Value.Version);
    }

    [Fact]
    public async Task A_shard_whose_address_cannot_be_read_does_not_keep_the_others_from_being_checked()
    {
        await Stack.StartAsync(shards: 2, checkers: 1, options: new ZKClusterOptions());
        var client = await Stack.ConnectAsync();
        var zooKeeper = await Stack.ConnectToZooKeeperAsync();
        await zooKeeper.SetDataAsync(
            ZKPaths.Shards(Stack.Name),
            ZNodeCodec.EncodeShards([new Shard("odd", "/var/redis.sock"), new Shard("shard1", Stack.Shards["shard1"].Addr)]),
            cancellationToken: Cancel.Soon);
        var cluster = await zooKeeper.GetDataAsync(ZKPaths.Cluster(Stack.Name), Cancel.Soon);
        await zooKeeper.SetDataAsync(ZKPaths.Cluster(Stack.Name), cluster.Data, cancellationToken: Cancel.Soon);
        await Views.WaitAsync(client, view => view.Ring.Shards[0].Name == "odd");

        await Stack.Shards["shard1"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard1"));
        Assert.Null(Views.Of(client.View, "odd"));
    }

    [Fact]
    public async Task A_cluster_with_checkers_is_deleted_only_by_force_and_checked_again_once_it_is_back()
    {
        await Stack.StartAsync();
        await Assert.ThrowsAsync<RingKeeperException>(() => Stack.Manager.DeleteClusterAsync(Stack.Name, cancellationToken: Cancel.Soon));
        var shards = (await Stack.Manager.GetClusterAsync(Stack.Name, Cancel.Soon)).Shards;

        await Stack.Manager.DeleteClusterAsync(Stack.Name, force: true, Cancel.Soon);
        Assert.Empty(await Stack.Manager.GetNamesAsync(Cancel.Soon));
        await Stack.Manager.CreateClusterAsync(Stack.Name, shards, new ZKClusterOptions { ExpectedCheckers = 3 }, Cancel.Soon);
        await using var client = await ZKCluster.ConnectAsync(Stack.ZKServers, Stack.Name, Cancel.Soon);
        await Views.WaitAsync(client, Views.AllAlive);
    }

    protected async Task TakeAwayAsync(string shard, bool hangs)
    {
        if (hangs)
        {
            Stack.Shards[shard].Hang();
        }
        else
        {
            await Stack.Shards[shard].KillAsync();
        }
    }

    protected async Task BringBackAsync(string shard, bool hung)
    {
        if (hung)
        {
            Stack.Shards[shard].Resume();
        }
        else
        {
            await Stack.Shards[shard].RestartAsync();
        }
    }

    // As a Go checker does: its own node first, then the parent.
    private async Task<ZooKeeperClient> VoteByHandAsync(string vote)
    {
        var voter = await Stack.ConnectToZooKeeperAsync();
        await voter.CreateAsync(ZKPaths.Vote(Stack.Name, "n_"), System.Text.Encoding.UTF8.GetBytes(vote), CreateMode.EphemeralSequential, cancellationToken: Cancel.Soon);
        await voter.SetDataAsync(ZKPaths.LocalStatus(Stack.Name), "x"u8.ToArray(), cancellationToken: Cancel.Soon);
        return voter;
    }

    private async Task<RegisterWorkload> LoadAsync()
    {
        ZKCluster[] clients = [await Stack.ConnectAsync(), await Stack.ConnectAsync(), await Stack.ConnectAsync()];
        var workload = new RegisterWorkload(clients, "r:", registers: 60, TimeSpan.FromMilliseconds(1), seed: 1, TimeProvider.System);
        workload.Start();
        await WritesAsync(workload, 60);
        return workload;
    }

    // Progress, not time: the load goes on while this waits.
    private static Task WritesAsync(RegisterWorkload workload, int count) => workload.WhenWrittenAsync(count).WaitAsync(Cancel.Soon);

    private static async Task AssertNothingStaleAsync(RegisterWorkload workload)
    {
        await WritesAsync(workload, 200);
        await workload.StopAsync();
        var counts = workload.Counts;
        Assert.True(counts.Stale == 0 && counts.Wrong == 0, string.Join(Environment.NewLine, counts.Broken));
        Assert.True(counts.Fresh > 100, $"Too few reads to judge: {counts}");
    }
}

