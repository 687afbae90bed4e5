using RingKeeper.IntegrationTests.Servers;
using Xunit;

namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>The suite on Apache ZooKeeper and redis-server, and what only processes can show.</summary>
[Trait("Speed", "Slow")]
public sealed class RealClusterTests : ClusterSuite<RealStack>
{
    [Fact]
    public async Task Two_processes_with_one_id_leave_one_vote_and_the_earlier_says_why_it_stands_aside()
    {
        await Stack.StartAsync();
        var earlier = (RealStack.CheckerProcess)Stack.Checkers[0];
        var zooKeeper = await Stack.ConnectToZooKeeperAsync();
        await using var line = await zooKeeper.WatchAsync(ZKPaths.LocalStatus(Stack.Name), ZooKeeper.WatchMode.PersistentRecursive, Cancel.Soon);
        await Stack.AddCheckerAsync(number: 0);
        await using var events = line.ReadAllAsync(Cancel.Soon).GetAsyncEnumerator();
        while (!earlier.QuoteLog().Contains("another checker with the id 'checker0' has taken this one's place", StringComparison.Ordinal))
        {
            // Each vote written anew is a moment to look.
            Assert.True(await events.MoveNextAsync(), earlier.QuoteLog());
        }

        Assert.Equal(3, (await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon)).Count);
        Assert.False(earlier.HasExited);
    }

    [Fact]
    public async Task A_leader_paused_beyond_its_session_decides_nothing_and_rejoins_at_the_end()
    {
        await Stack.StartAsync();
        var client = await Stack.ConnectAsync();
        var leader = (RealStack.CheckerProcess)Stack.Checkers[0];
        var node = (await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon))[0];
        leader.Send(ProcessSignal.Stop);
        await Stack.Shards["shard1"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard1"));
        await Stack.Shards["shard1"].RestartAsync();
        var revived = await Views.WaitAsync(client, Views.IsAlive("shard1"));

        // It wakes up with an old view of the world, and its session gone.
        leader.Send(ProcessSignal.Continue);
        var zooKeeper = await Stack.ConnectToZooKeeperAsync();
        await using var line = await zooKeeper.WatchAsync(ZKPaths.LocalStatus(Stack.Name), ZooKeeper.WatchMode.Persistent, Cancel.Soon);
        var checkers = await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon);
        await using var events = line.ReadAllAsync(Cancel.Soon).GetAsyncEnumerator();
        while (checkers.Count < 3)
        {
            Assert.True(await events.MoveNextAsync(), leader.QuoteLog());
            checkers = await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon);
        }

        Assert.DoesNotContain(node, checkers);
        Assert.Equal(Views.Of(revived, "shard1"), Views.Of(client.View, "shard1"));
    }
}
