using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.Testing;
using StackExchange.Redis;
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
    public async Task The_code_for_applications_runs()
    {
        await using var test = await RingKeeperTestCluster.StartAsync();
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["RingKeeper:ZKServers"] = test.ZKServers, ["RingKeeper:ClusterName"] = test.Name });
        Register(builder);
        using var host = builder.Build();
        await host.StartAsync(Cancel.Soon);
        await host.Services.GetRequiredService<ZKCluster>().GetDatabase().StringSetAsync("order:1000", "paid");
        Assert.Equal("paid", await host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().StringGetAsync("order:1000"));
        await host.Services.GetRequiredService<IDistributedCache>().SetStringAsync("order:1000:note", "paid", Cancel.Soon);
        await host.StopAsync(Cancel.Soon);
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

        // The whole ring as one IDatabase of StackExchange.Redis: each call goes to the shard that serves its key now.
        var db = cluster.GetDatabase();
        await db.StringSetAsync("order:1000", "paid");

        // A cache that never serves a stale copy, whatever dies, returns, restarts or moves.
        var cache = new VersionedCache(cluster);
        var total = await cache.GetOrCreateAsync("total:7", cancel => new ValueTask<int>(42));

        // The route itself: the shard, and the epoch to keep with a value; route.IsValid judges a copy by it.
        var route = await cluster.ConnectAsync("order:1000");
        Console.WriteLine($"order:1000 is on {route.Shard.Name} since {route.ValidSince}");

        // Again on the heir when the shard dies meanwhile, within ten seconds; what may not be repeated never is.
        var paid = await cluster.ExecuteAsync("order:1000", r => r.Database.StringGetAsync("order:1000"));

        // Records that must not be split between shards never leave their owner; while it is away this throws.
        var jobs = cluster.GetDatabase(RoutePolicy.OwnerOnly);
        await jobs.ListRightPushAsync("job:7", "ship");

        // Shards join and leave while clients run.
        await using var manager = await ZKManager.ConnectAsync(new ZKConnectorOptions { ZKServers = servers });
        var orders = await manager.GetClusterAsync("orders");
        await manager.UpdateClusterAsync(orders with { Shards = [.. orders.Shards, new Shard("d", "10.0.0.4:6379")] });
        Assert.Equal(42, total);
        Assert.Equal(42, (await cache.GetAsync<int>("total:7", cancellationToken: Cancel.Soon)).Value);
        Assert.True(route.ValidSince > 0);
        Assert.Equal("paid", paid);
        Assert.Equal("ship", await jobs.ListGetByIndexAsync("job:7", 0));
    }

    private static void Register(HostApplicationBuilder builder)
    {
        builder.Services.AddRingKeeper(builder.Configuration.GetSection("RingKeeper")).AddConnectionMultiplexer().AddHealthCheck().AddDistributedCache();
    }
}
