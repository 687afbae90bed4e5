using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.Testing;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The README's code, run as it stands there but for the addresses.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task The_code_of_the_readme_runs()
    {
        await using var stack = new EmbeddedStack();
        await stack.StartEmptyAsync();
        var shards = new List<Shard>();
        for (var i = 0; i < 3; i++)
        {
            shards.Add(await stack.StartShardAsync($"{(char)('a' + i)}"));
        }

        await stack.Manager.CreateClusterAsync("orders", shards, cancellationToken: Cancel.Soon);
        await using var checker = await ZKChecker.ConnectAsync(new ZKCheckerOptions { ZKServers = stack.ZKServers, ClusterName = "orders" }, Cancel.Soon);
        await checker.StartAsync(Cancel.Soon);
        await RunAsync(stack.ZKServers);
        Assert.Equal(4, (await stack.Manager.GetClusterAsync("orders", Cancel.Soon)).Shards.Count);
    }

    [Fact]
    public async Task The_code_for_tests_runs()
    {
        await using var test = await RingKeeperTestCluster.StartAsync();
        await test.KillShardAsync("shard1");
    }

    [Fact]
    public void Every_line_of_code_in_the_readme_stands_in_this_file() =>
        Assert.Equal([], PageCode.MissingLines(
            "README.md",
            line => line.Replace("\"zk1:2181,zk2:2181,zk3:2181\"", "servers", StringComparison.Ordinal),
            "tests/RingKeeper.IntegrationTests/Docs/ReadmeTests.cs"));

    private static async Task RunAsync(string servers)
    {
        await using var cluster = await ZKCluster.ConnectAsync(servers, "orders");

        // Routed by what the checkers agree on now; nothing to give back.
        var route = await cluster.ConnectAsync("order:1000");
        await route.Database.StringSetAsync("order:1000", "paid");
        Console.WriteLine($"order:1000 is on {route.Shard.Name}");

        // Keep the epoch with the value: a copy written under a lower one than the reader's is stale.
        long epoch = route.ValidSince;

        // Records that must not be split between shards never leave their owner; while it is away this throws.
        var owner = await cluster.ConnectAsync("job:7", RoutePolicy.OwnerOnly);

        // Shards join and leave while clients run.
        await using var manager = await ZKManager.ConnectAsync(new ZKConnectorOptions { ZKServers = servers });
        var orders = await manager.GetClusterAsync("orders");
        await manager.UpdateClusterAsync(orders with { Shards = [.. orders.Shards, new Shard("d", "10.0.0.4:6379")] });
        Assert.True(epoch > 0);
        Assert.NotNull(owner.Database);
    }
}
