using System.Text;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.GoFleet;

/// <summary>Checkers, clients and managers of both kinds on one cluster; the same on every stack.</summary>
public abstract class MixedFleetSuite<TStack> : IAsyncLifetime
    where TStack : ClusterStack, new()
{
    private static readonly ZKClusterOptions OfGo = new() { RingParams = "40" };

    protected TStack Stack { get; } = new();

    private string Status => ZKPaths.Status(Stack.Name);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Stack.DisposeAsync();
    }

    [Fact]
    public async Task A_Go_leader_follows_our_voters_and_both_kinds_of_clients_follow_it()
    {
        await Stack.StartAsync(checkers: 0, options: OfGo);
        await using var voter = await GoVoter.JoinAsync(Stack);
        await using var leader = await GoLeader.StartAsync(voter, Stack.Name);
        await Stack.AddCheckerAsync();
        await Stack.AddCheckerAsync();
        var ours = await Stack.ConnectAsync();
        await Views.WaitAsync(ours, Views.AllAlive);
        await using var theirs = await GoClient.ConnectAsync(Stack.ZKServers, Stack.Name);
        var key = Views.KeyOf(ours.View.Ring, "shard2");
        var addr = Stack.Shards["shard2"].Addr;
        await theirs.WaitAsync(key, r => r is (GoOutcome.Served, _, _) && r.Addr == addr);

        var writes = leader.Writes;
        await Stack.Shards["shard2"].KillAsync();
        await Views.WaitAsync(ours, Views.IsDead("shard2"));
        var fallback = (await ours.ConnectAsync(key, cancellationToken: Cancel.Soon)).Shard.Addr;
        await theirs.WaitAsync(key, r => r is (GoOutcome.Served, _, _) && r.Addr == fallback);

        await Stack.Shards["shard2"].RestartAsync();
        await Views.WaitAsync(ours, Views.IsAlive("shard2"));
        await theirs.WaitAsync(key, r => r is (GoOutcome.Served, _, _) && r.Addr == addr);
        Assert.Equal(writes + 2, leader.Writes);
    }

    [Fact]
    public async Task A_voter_that_goes_is_counted_no_more_by_a_Go_leader_though_it_was_the_last_in_line()
    {
        await Stack.StartAsync(shards: 1, checkers: 0, options: OfGo);
        await using var first = await GoVoter.JoinAsync(Stack);
        await using var leader = await GoLeader.StartAsync(first, Stack.Name);
        await Stack.AddCheckerAsync();
        var client = await Stack.ConnectAsync();
        await Views.WaitAsync(client, Views.AllAlive);
        var addr = Stack.Shards["shard1"].Addr;
        await using var second = await GoVoter.JoinAsync(Stack);
        await using var last = await GoVoter.JoinAsync(Stack);
        await second.VoteAsync(addr, alive: false);
        await last.VoteAsync(addr, alive: false);
        await Views.WaitAsync(client, Views.IsDead("shard1"));

        // Nobody who is left stands behind these two; the checker of ours before them has to notice.
        await last.DisposeAsync();
        await second.DisposeAsync();
        await Views.WaitAsync(client, Views.IsAlive("shard1"));
    }

    [Fact]
    public async Task Our_leader_counts_Go_votes_that_are_never_written_again_and_its_decisions_reach_Go_clients()
    {
        await Stack.StartAsync(shards: 2, checkers: 1, options: OfGo);
        await using var second = await GoVoter.JoinAsync(Stack);
        await using var third = await GoVoter.JoinAsync(Stack);
        var ours = await Stack.ConnectAsync();
        await Views.WaitAsync(ours, Views.AllAlive);
        await using var theirs = await GoClient.ConnectAsync(Stack.ZKServers, Stack.Name);
        var key = Views.KeyOf(ours.View.Ring, "shard1");
        var addr = Stack.Shards["shard1"].Addr;

        await second.VoteAsync(addr, alive: false);
        await third.VoteAsync(addr, alive: false);

        await Views.WaitAsync(ours, Views.IsDead("shard1"));
        await theirs.WaitAsync(key, r => r is (GoOutcome.Served, _, _) && r.Addr == Stack.Shards["shard2"].Addr);
        await third.DisposeAsync();
        await second.VoteAsync(addr, alive: true);
        await Views.WaitAsync(ours, Views.IsAlive("shard1"));
        await theirs.WaitAsync(key, r => r is (GoOutcome.Served, _, _) && r.Addr == addr);
    }

    [Fact]
    public async Task What_a_zombie_of_a_Go_leader_overwrites_is_counted_again_and_no_Since_stays_lowered()
    {
        await Stack.StartAsync(shards: 2, checkers: 0, options: OfGo);
        await using var zombie = await GoVoter.JoinAsync(Stack);
        await using var leader = await GoLeader.StartAsync(zombie, Stack.Name);
        await Stack.AddCheckerAsync();
        var client = await Stack.ConnectAsync();
        await Views.WaitAsync(client, Views.AllAlive);
        await using var zooKeeper = await ZooKeeperClient.ConnectAsync(Stack.ZKServers, Cancel.Soon);
        var stale = (await Znodes.TextAsync(zooKeeper, Status))!;

        // It has lost its node and goes on leading; now the checker of ours leads too.
        await zooKeeper.DeleteAsync(ZKPaths.Vote(Stack.Name, zombie.Node), cancellationToken: Cancel.Soon);
        await Stack.Shards["shard1"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard1"));
        await Stack.Shards["shard1"].RestartAsync();
        var revived = await Views.WaitAsync(client, Views.IsAlive("shard1"));
        var (addr, other) = (Stack.Shards["shard1"].Addr, Stack.Shards["shard2"].Addr);
        var published = (await Znodes.StatusAsync(zooKeeper, Stack.Name))[addr];
        Assert.True(published.Alive);
        var highest = Math.Max(published.Since, Views.Of(revived, "shard1")!.Since);

        // What a paused one had in mind all along.
        await Znodes.SetAsync(zooKeeper, Status, stale);
        await Znodes.WaitForStatusAsync(zooKeeper, Stack.Name, s => s[addr].Alive && s[addr].Since >= highest);

        // And one that believes the wrong thing of the other.
        var before = (await Znodes.StatusAsync(zooKeeper, Stack.Name))[other].Since;
        await Znodes.SetAsync(zooKeeper, Status, Encoding.UTF8.GetString(GoJson.Statuses(new Dictionary<string, GoStatus> { [addr] = new(addr, true, 1), [other] = new(other, false, 1) })));
        await Znodes.WaitForStatusAsync(zooKeeper, Stack.Name, s => s[other].Alive && s[other].Since > before && s[addr].Alive && s[addr].Since >= highest);
    }

    [Fact]
    public async Task A_Go_managers_update_under_load_keeps_what_it_does_not_know_and_moves_the_shards()
    {
        await Stack.StartAsync(shards: 2, checkers: 2, options: new ZKClusterOptions { RingType = RingTypes.Rendezvous, HashTag = "{}", ExpectedCheckers = 2 });
        await Stack.UpdateAsync(shards => shards.Select(s => s.Name == "shard2" ? s with { Weight = 1000 } : s));
        ZKCluster[] clients = [await Stack.ConnectAsync(), await Stack.ConnectAsync()];
        await Views.WaitAsync(clients[0], view => view.Ring.Shards.Any(s => s.Weight == 1000));
        await using var workload = new RingKeeper.Testing.RegisterWorkload(clients, "r:", registers: 40, TimeSpan.FromMilliseconds(1), seed: 2, TimeProvider.System);
        workload.Start();
        await workload.WhenWrittenAsync(50).WaitAsync(Cancel.Soon);
        await using var zooKeeper = await ZooKeeperClient.ConnectAsync(Stack.ZKServers, Cancel.Soon);
        var newcomer = await Stack.StartShardAsync("shard3");
        var known = await Stack.Manager.GetClusterAsync(Stack.Name, Cancel.Soon);

        await new GoManager(zooKeeper).UpdateAsync(Stack.Name, [.. known.Shards, newcomer]);

        await Views.WaitAsync(clients[0], view => view.Ring.Shards.Count == 3 && Views.AllAlive(view));
        Assert.Equal("""{"FailoverEnabled":true,"RingType":"Rendezvous","RingParams":"160"}""", await Znodes.TextAsync(zooKeeper, ZKPaths.Options(Stack.Name)));
        var cluster = await Stack.Manager.GetClusterAsync(Stack.Name, Cancel.Soon);
        Assert.Equal(("{}", 2, 1000), (cluster.Options.HashTag, cluster.Options.ExpectedCheckers, cluster.Shards[1].Weight));
        Assert.Equal(["ExpectedCheckers", "HashTag", "shard 'shard2': Weight"], cluster.RestoredFields);
        Assert.Equal(1000, clients[0].View.Ring.Shards[1].Weight);
        Assert.Equal((await clients[0].ConnectAsync("u1", cancellationToken: Cancel.Soon)).Shard, (await clients[0].ConnectAsync("cart:{u1}", cancellationToken: Cancel.Soon)).Shard);
        await workload.WhenWrittenAsync(100).WaitAsync(Cancel.Soon);
        await workload.StopAsync();
        Assert.True(workload.Counts is { Stale: 0, Wrong: 0 }, string.Join(Environment.NewLine, workload.Counts.Broken));

        // The leader records the new state once, and an update of ours writes everything back.
        await Znodes.WaitAsync(zooKeeper, ZKPaths.History(Stack.Name), text => text!.StartsWith($"{{\"Stamp\":{cluster.Version},", StringComparison.Ordinal));
        var recorded = await Znodes.StatAsync(zooKeeper, ZKPaths.History(Stack.Name));
        var updated = await Stack.Manager.UpdateClusterAsync(cluster, Cancel.Soon);
        Assert.Empty(updated.RestoredFields);
        Assert.Equal("{}", updated.Options.HashTag);
        Assert.Equal(recorded.Version + 1, (await Znodes.StatAsync(zooKeeper, ZKPaths.History(Stack.Name))).Version);
    }

    [Fact]
    public async Task A_Go_manager_whose_clock_is_behind_lowers_no_epoch()
    {
        await Stack.StartAsync(shards: 1, checkers: 1, options: OfGo);
        var client = await Stack.ConnectAsync();
        await Views.WaitAsync(client, Views.AllAlive);

        // Stamps run ahead of the clock where changes follow each other faster than a second.
        for (var i = 0; i < 5; i++)
        {
            await Stack.UpdateAsync(shards => [shards[0] with { Name = $"name{i}" }]);
        }

        var stamp = (await Stack.Manager.GetClusterAsync(Stack.Name, Cancel.Soon)).Version;
        await Views.WaitAsync(client, view => view.TopologyStamp == stamp);
        await using var zooKeeper = await ZooKeeperClient.ConnectAsync(Stack.ZKServers, Cancel.Soon);
        await new GoManager(zooKeeper).UpdateAsync(Stack.Name, [new Shard("renamed", Stack.Shards["shard1"].Addr)]);

        var view = await Views.WaitAsync(client, v => v.Ring.Shards[0].Name == "renamed");
        Assert.True((await Stack.Manager.GetClusterAsync(Stack.Name, Cancel.Soon)).Version < stamp);
        Assert.InRange(view.TopologyStamp, stamp + 1, stamp + Stamps.GapMicroseconds - 1);
        await Znodes.WaitAsync(zooKeeper, ZKPaths.History(Stack.Name), text => text!.Contains($"\"Floor\":{view.TopologyStamp},", StringComparison.Ordinal));
        await using var late = await ZKCluster.ConnectAsync(Stack.ZKServers, Stack.Name, Cancel.Soon);
        Assert.Equal(view.TopologyStamp, late.View.TopologyStamp);
    }

    [Fact]
    public async Task Checkers_are_replaced_one_by_one_and_the_cluster_is_checked_all_along()
    {
        await Stack.StartAsync(shards: 2, checkers: 0, options: OfGo);
        await using var first = await GoVoter.JoinAsync(Stack);
        await using var leader = await GoLeader.StartAsync(first, Stack.Name);
        await using var second = await GoVoter.JoinAsync(Stack);
        foreach (var voter in new[] { first, second })
        {
            await voter.VoteAsync(Stack.Shards["shard1"].Addr, alive: true);
            await voter.VoteAsync(Stack.Shards["shard2"].Addr, alive: true);
        }

        var client = await Stack.ConnectAsync();
        await Views.WaitAsync(client, Views.AllAlive);
        await second.DisposeAsync();
        await Stack.AddCheckerAsync();
        await Stack.AddCheckerAsync();
        await Stack.Shards["shard1"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard1"));

        await leader.DisposeAsync();
        await first.DisposeAsync();
        await Stack.Shards["shard1"].RestartAsync();
        await Views.WaitAsync(client, Views.IsAlive("shard1"));
        await Stack.Shards["shard2"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard2"));
    }
}

public sealed class EmbeddedMixedFleetTests : MixedFleetSuite<EmbeddedStack>;

[Trait("Speed", "Slow")]
public sealed class RealMixedFleetTests : MixedFleetSuite<RealStack>;
