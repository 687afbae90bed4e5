using System.Text;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>What the leader decides, holds and records; the same on every stack.</summary>
public abstract class DecisionSuite<TStack> : IAsyncLifetime
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
    public async Task A_death_is_recorded_with_the_votes_it_rests_on()
    {
        await Stack.StartAsync();
        var client = await Stack.ConnectAsync();
        var addr = Stack.Shards["shard1"].Addr;
        await Stack.Shards["shard1"].KillAsync();
        var view = await Views.WaitAsync(client, Views.IsDead("shard1"));

        // In one transaction with the status: whoever sees the one sees the other.
        var decision = (await Stack.Manager.GetDecisionsAsync(Stack.Name, Cancel.Soon))[0];

        var death = Assert.Single(decision.Changes);
        Assert.Equal((addr, DecisionKind.Death, true, false), (death.Addr, death.Kind, death.Was, death.Alive));
        Assert.Equal(Views.Of(view, "shard1")!.Since, decision.Stamp);
        Assert.Equal((3, 3), (death.Count.Denominator, death.Count.Votes.Length));
        Assert.InRange(death.Count.Dead, 2, 3);
        Assert.All(death.Count.Votes.Where(v => v.Says == false), v => Assert.NotNull(v.Error));
        Assert.Equal((await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon))[0], decision.Node);
    }

    [Fact]
    public async Task A_drained_shard_is_dead_until_it_is_drained_no_more()
    {
        await Stack.StartAsync();
        var client = await Stack.ConnectAsync();
        await Stack.UpdateAsync(shards => shards.Select(s => s.Name == "shard2" ? s with { Drained = true } : s));
        var cluster = await Stack.Manager.GetClusterAsync(Stack.Name, Cancel.Soon);

        var view = await Views.WaitAsync(client, Views.IsDead("shard2"));

        Assert.Equal(cluster.Version, Views.Of(view, "shard2")!.Since);
        Assert.NotEqual("shard2", (await client.ConnectAsync(Views.KeyOf(view.Ring, "shard2"), cancellationToken: Cancel.Soon)).Shard.Name);
        Assert.Equal(DecisionKind.Drain, (await Stack.Manager.GetDecisionsAsync(Stack.Name, Cancel.Soon))[0].Changes[0].Kind);

        await Stack.UpdateAsync(shards => shards.Select(s => s with { Drained = false }));
        view = await Views.WaitAsync(client, Views.IsAlive("shard2"));
        Assert.True(Views.Of(view, "shard2")!.Since > cluster.Version);
    }

    [Fact]
    public async Task Deaths_beyond_the_brake_wait_while_one_vote_is_against_them()
    {
        await Stack.StartAsync(shards: 4, checkers: 2, options: new ZKClusterOptions { ExpectedCheckers = 2 });
        var client = await Stack.ConnectAsync();
        await using var voter = await Stack.ConnectToZooKeeperAsync();
        var alive = Stack.Shards.Values.ToDictionary(s => s.Addr, s => new VoteEntry(new ShardStatus(s.Addr, true, 1)) { Seen = 1, Checker = "by-hand" });
        var node = await voter.CreateAsync(ZKPaths.Vote(Stack.Name, "n_"), ZNodeCodec.EncodeVote(alive), CreateMode.EphemeralSequential, cancellationToken: Cancel.Soon);
        await using var votes = await voter.WatchAsync(ZKPaths.LocalStatus(Stack.Name), WatchMode.PersistentRecursive, Cancel.Soon);
        foreach (var shard in new[] { "shard1", "shard2", "shard3" })
        {
            await Stack.Shards[shard].KillAsync();
        }

        // How many of the three are held depends on which were seen together; never do more than half go.
        await using var changes = votes.ReadAllAsync(Cancel.Soon).GetAsyncEnumerator();
        var count = await CountAsync();
        while (count.Shards.Count(c => c is { Dead: 2, Alive: 1 }) < 3 || count.Shards.All(c => c.Hold is not { IsBrake: true }))
        {
            Assert.True(await changes.MoveNextAsync());
            count = await CountAsync();
        }

        Assert.InRange(count.Status.Values.Count(s => !s.Alive), 0, 2);
        Assert.All(count.Shards.Where(c => c.Hold is not null), c => Assert.Contains("3 of 4 shards would be dead within 10 s", c.Why, StringComparison.Ordinal));

        // The voice against it goes; the others agree.
        await voter.DeleteAsync(node, cancellationToken: Cancel.Soon);
        await Views.WaitAsync(client, view => new[] { "shard1", "shard2", "shard3" }.All(s => Views.IsDead(s)(view)));
        Assert.True(Views.IsAlive("shard4")(client.View));
    }

    [Fact]
    public async Task A_restarted_server_gets_a_new_Since_and_its_run_stands_in_the_status()
    {
        await Stack.StartAsync();
        var client = await Stack.ConnectAsync();
        var addr = Stack.Shards["shard1"].Addr;
        var before = (await Stack.Manager.GetStatusAsync(Stack.Name, Cancel.Soon))[addr];
        Assert.NotNull(before.RunId);

        // So fast that no probe need miss it.
        await Stack.Shards["shard1"].KillAsync();
        await Stack.Shards["shard1"].RestartAsync();
        await Views.WaitAsync(client, view => Views.Of(view, "shard1") is { Alive: true } now && now.Since > before.Since && now.RunId != before.RunId && now.RunId is not null);
    }

    [Fact]
    public async Task A_record_of_decisions_that_cannot_be_read_is_told_and_written_anew_with_the_next_one()
    {
        await Stack.StartAsync();
        var client = await Stack.ConnectAsync();
        var zooKeeper = await Stack.ConnectToZooKeeperAsync();
        await zooKeeper.SetDataAsync(ZKPaths.Decisions(Stack.Name), Encoding.UTF8.GetBytes("[{]"), cancellationToken: Cancel.Soon);
        var e = await Assert.ThrowsAsync<RingKeeperException>(() => Stack.Manager.GetDecisionsAsync(Stack.Name, Cancel.Soon));
        Assert.Contains(ZKPaths.Decisions(Stack.Name), e.Message, StringComparison.Ordinal);

        await Stack.Shards["shard1"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard1"));
        Assert.Single(await Stack.Manager.GetDecisionsAsync(Stack.Name, Cancel.Soon));
    }

    private async Task<BallotResult> CountAsync()
    {
        var cluster = await Stack.Manager.GetClusterAsync(Stack.Name, Cancel.Soon);
        return (await Stack.Manager.CountAsync(cluster, Cancel.Soon))!.Value.Result;
    }
}
