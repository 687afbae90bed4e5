using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Decisions;

/// <summary>Whoever should decide, or keep the decision, is lost in the same moment as a shard.</summary>
[Trait("Speed", "Slow")]
[Trait("Run", "Alone")]
[Collection(LoopbackScene.Name)]
public sealed class LeaderFaultTests(LoopbackScene loopback)
{
    private readonly DecisionScene _scene = loopback.Scene;

    private EnsembleStack Stack => _scene.Stack;

    [Fact]
    public async Task A_shard_killed_together_with_the_leading_checker_is_dead_before_the_leaders_session_ends()
    {
        Root.Require();
        var shard = LoopbackScene.Plain[0];
        await using var scenario = await _scene.BeginAsync("the leading checker and a shard killed");
        var line = await _scene.AllWellAsync();
        var leader = await Stack.FindCheckerAsync(line.Nodes[0]);
        var restart = await scenario.BreakAsync(() => Task.CompletedTask, Stack.Shards[shard].RestartAsync);
        var replace = await scenario.BreakAsync(() => Task.CompletedTask, () => Stack.MoveToEndAsync(leader));
        await scenario.LoseAsync(shard, () => Task.WhenAll(leader.KillAsync(), Stack.Shards[shard].KillAsync()));

        await _scene.AssertUnseatedAsync(line.Nodes[0]);
        await scenario.RegainAsync(shard, restart, restarts: true);
        await replace();
        await scenario.EndAsync();
    }

    [Fact]
    public async Task A_shard_killed_while_the_leading_checker_is_stopped_is_dead_and_the_leader_writes_nothing_when_it_goes_on()
    {
        Root.Require();
        var shard = LoopbackScene.Plain[1];
        await using var scenario = await _scene.BeginAsync("the leading checker stopped (SIGSTOP), a shard killed");
        var line = await _scene.AllWellAsync();
        var leader = await Stack.FindCheckerAsync(line.Nodes[0]);
        var restart = await scenario.BreakAsync(() => Task.CompletedTask, Stack.Shards[shard].RestartAsync);
        var goOn = await scenario.BreakAsync(() => Task.CompletedTask, Do(() => leader.Send(ProcessSignal.Continue)));
        await scenario.LoseAsync(shard, () =>
        {
            leader.Send(ProcessSignal.Stop);
            return Stack.Shards[shard].KillAsync();
        });
        await _scene.AssertUnseatedAsync(line.Nodes[0]);

        // It was stopped when it believed that every shard is alive; it must not say so, and stand in line anew.
        var asDecided = await StatusAsync();
        await goOn();
        var rejoined = await _scene.Votes.WhenAsync("three checkers, one of them anew", now => now.Votes.Count == 3 && !now.Votes.ContainsKey(line.Nodes[0]) && now.Votes.Values.All(v => v.Count == Stack.Shards.Count));
        await Stack.FindCheckerAsync(rejoined.Nodes[^1]);
        Assert.Equal(asDecided, await StatusAsync());
        await scenario.RegainAsync(shard, restart, restarts: true);
        await scenario.EndAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_shard_killed_together_with_ZooKeepers_leader_is_decided_dead_once(bool atTheFirstVote)
    {
        Root.Require();
        var shard = LoopbackScene.Plain[2];
        await using var scenario = await _scene.BeginAsync($"a shard killed, {(atTheFirstVote ? "ZooKeeper's leader when the first vote says so" : "together with ZooKeeper's leader")}");
        var leader = await Stack.Ensemble.FindLeaderAsync(Cancel.Soon);
        var restart = await scenario.BreakAsync(() => Task.CompletedTask, Stack.Shards[shard].RestartAsync);
        var back = await scenario.BreakAsync(() => Task.CompletedTask, () => leader.RestartAsync());
        var before = await StatusAsync();
        await scenario.LoseAsync(shard, async () =>
        {
            if (atTheFirstVote)
            {
                var voted = _scene.Votes.WhenAsync($"a vote that {shard} is dead", line => line.Votes.Values.Any(vote => !vote.GetValueOrDefault(Stack.Shards[shard].Addr, defaultValue: true)));
                await Stack.Shards[shard].KillAsync();
                await voted;
                await leader.KillAsync();
            }
            else
            {
                await Task.WhenAll(leader.KillAsync(), Stack.Shards[shard].KillAsync());
            }
        });
        await ClientsConvergeAsync();
        var after = await StatusAsync();
        Assert.NotEqual(leader, await Stack.Ensemble.FindLeaderAsync(Cancel.Soon));

        // The upper half counts ZooKeeper's leaders: the one that was killed did not take this decision.
        Assert.True(atTheFirstVote || after >> 32 > before >> 32, $"Decided as {after:x}, after {before:x}, by ZooKeeper's old leader.");
        await back();
        await scenario.RegainAsync(shard, restart, restarts: true);
        await ClientsConvergeAsync();
        await scenario.EndAsync();
    }

    // What a client that starts now reads is what the others have.
    private async Task ClientsConvergeAsync()
    {
        var status = await StatusAsync();
        foreach (var client in _scene.Clients)
        {
            await Views.WaitAsync(client, view => view.StatusVersion == status);
        }
    }

    private async Task<long> StatusAsync()
    {
        await using var client = await ZooKeeperClient.ConnectAsync(Stack.ZKServers, Cancel.Soon);
        await client.SyncAsync(ZKPaths.Status(Stack.Name), Cancel.Soon);
        return (await client.ExistsAsync(ZKPaths.Status(Stack.Name), Cancel.Soon))!.Value.Mzxid;
    }

    private static Func<Task> Do(Action act) => () =>
    {
        act();
        return Task.CompletedTask;
    };
}
