using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>The suite on the embedded pair, and what only its fault controls can show.</summary>
public sealed class EmbeddedClusterTests : ClusterSuite<EmbeddedStack>
{
    [Fact]
    public async Task Checkers_whose_sessions_expired_all_at_once_register_again_and_decide()
    {
        await Stack.StartAsync();
        var client = await Stack.ConnectAsync();
        for (var round = 0; round < 3; round++)
        {
            foreach (var session in Stack.Server.Sessions)
            {
                await Stack.Server.ExpireSessionAsync(session);
            }

            await Stack.Shards["shard1"].KillAsync();
            await Views.WaitAsync(client, Views.IsDead("shard1"));
            await Stack.Shards["shard1"].RestartAsync();
            await Views.WaitAsync(client, Views.IsAlive("shard1"));
        }
    }

    [Fact]
    public async Task A_checker_cut_off_while_its_cluster_was_made_anew_takes_no_other_checkers_node()
    {
        await Stack.StartAsync(checkers: 1, options: new ZKClusterOptions());
        await using var proxy = TcpProxy.Start(Stack.Server.Port);
        await using var late = await StartCheckerAsync($"127.0.0.1:{proxy.Port}");
        var watcher = await Stack.ConnectToZooKeeperAsync();
        await using var line = await watcher.WatchAsync(ZKPaths.Cluster(Stack.Name), WatchMode.PersistentRecursive, Cancel.Soon);
        await using var events = line.ReadAllAsync(Cancel.Soon).GetAsyncEnumerator();
        await WaitForCheckersAsync(events, 2);

        // Everything but its session goes and comes again under the same names while it can see nothing.
        proxy.Stall();
        var shards = (await Stack.Manager.GetClusterAsync(Stack.Name, Cancel.Soon)).Shards;
        await Stack.Manager.DeleteClusterAsync(Stack.Name, force: true, Cancel.Soon);
        await Stack.Manager.CreateClusterAsync(Stack.Name, shards, new ZKClusterOptions(), Cancel.Soon);
        await using var third = await StartCheckerAsync(Stack.ZKServers);
        await WaitForCheckersAsync(events, 2);
        proxy.Resume();
        await WaitForCheckersAsync(events, 3);

        var owners = new HashSet<long>();
        foreach (var node in await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon))
        {
            owners.Add((await watcher.ExistsAsync(ZKPaths.Vote(Stack.Name, node), Cancel.Soon))!.Value.EphemeralOwner);
        }

        Assert.Equal(3, owners.Count);
        Assert.Contains(late.Session.SessionId, owners);
    }

    [Fact]
    public async Task A_checker_that_starts_again_after_a_crash_takes_away_its_old_node_before_its_old_session_ends()
    {
        await Stack.StartAsync();
        var zooKeeper = await Stack.ConnectToZooKeeperAsync();
        var path = ZKPaths.Vote(Stack.Name, (await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon))[0]);
        var (old, gone) = await zooKeeper.ExistsAndWatchAsync(path, Cancel.Soon);
        await Stack.Checkers[0].KillAsync();
        var adding = Stack.AddCheckerAsync(number: 0);
        Assert.Equal(WatchedEventType.NodeDeleted, (await gone.WaitAsync(Cancel.Soon)).Type);

        Assert.Contains(old!.Value.EphemeralOwner, Stack.Server.Sessions);
        await adding;
        Assert.Equal(3, (await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon)).Count);
    }

    private async Task<ZKChecker> StartCheckerAsync(string servers)
    {
        var checker = await ZKChecker.ConnectAsync(
            new ZKCheckerOptions { ZKServers = servers, ZKTimeout = TimeSpan.FromSeconds(20), ClusterName = Stack.Name, Interval = Stack.Interval, Threshold = Stack.Threshold },
            Cancel.Soon);
        await checker.StartAsync(Cancel.Soon);
        return checker;
    }

    private async Task WaitForCheckersAsync(IAsyncEnumerator<WatchedEvent> events, int count)
    {
        while ((await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon)).Count != count)
        {
            Assert.True(await events.MoveNextAsync());
        }
    }
}
