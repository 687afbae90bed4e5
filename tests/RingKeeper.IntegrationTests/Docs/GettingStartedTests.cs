using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The code of docs/getting-started.md, run as it stands there: here, and in samples/Orders.</summary>
public sealed class GettingStartedTests
{
    private const string Page = "docs/getting-started.md";

    [Fact]
    public void Every_line_of_code_on_the_page_stands_in_the_sample_or_in_this_file() =>
        Assert.Equal([], PageCode.MissingLines(
            Page,
            line => line,
            "samples/Orders/Program.cs",
            "samples/Orders/OrderWorker.cs",
            "tests/RingKeeper.IntegrationTests/Docs/GettingStartedTests.cs"));

    [Fact]
    public void The_settings_on_the_page_are_those_of_the_sample() =>
        Assert.Equal(File.ReadAllLines(PageCode.PathOf("samples/Orders/appsettings.json")), Assert.Single(PageCode.Blocks(Page, "json")));

    [Fact]
    public void The_page_names_every_setting()
    {
        var table = File.ReadAllText(PageCode.PathOf(Page));
        var settings = typeof(RingKeeperOptions).GetProperties().Where(p => p.CanWrite && p.Name != nameof(RingKeeperOptions.ConfigureRedis)).Select(p => p.Name)
            .Concat(typeof(CheckerSettings).GetProperties().Where(p => p.Name != nameof(CheckerSettings.ConfigureRedis)).Select(p => $"Checker:{p.Name}"));

        Assert.Equal([], settings.Where(setting => !table.Contains($"| `{setting}` |", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_sample_serves_from_the_cluster_and_tells_its_health()
    {
        await using var test = await RingKeeperTestCluster.StartAsync(new RingKeeperTestClusterOptions { ClusterName = "orders" });
        await using var cluster = await test.ConnectAsync(Cancel.Soon);
        await using var sample = await SampleProcess.StartAsync("Orders", $"--RingKeeper:ZKServers={test.ZKServers}");

        Assert.Equal("Healthy", await sample.GetAsync("/health"));
        Assert.Equal("unknown", await sample.GetAsync("/orders/1"));
        var route = await cluster.ConnectAsync("order:7", cancellationToken: Cancel.Soon);
        await route.Database.StringSetAsync("order:7", "shipped");
        Assert.Equal("shipped", await sample.GetAsync("/orders/7"));
    }

    [Fact]
    public async Task The_worker_of_the_sample_starts_after_the_cluster_is_connected()
    {
        await using var test = await RingKeeperTestCluster.StartAsync(new RingKeeperTestClusterOptions { ClusterName = "orders" });
        await using var sample = await SampleProcess.StartAsync("Orders", $"--RingKeeper:ZKServers={test.ZKServers}");
        await sample.StopAsync();

        // Were it not connected yet, the worker's exception would have stopped the host.
        Assert.DoesNotContain("fail:", sample.QuoteLog(), StringComparison.Ordinal);
        Assert.DoesNotContain("crit:", sample.QuoteLog(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_checks_its_cluster_itself()
    {
        await using var stack = new EmbeddedStack();
        await stack.StartEmptyAsync();
        await stack.Manager.CreateClusterAsync("orders", [await stack.StartShardAsync("a")], new ZKClusterOptions { ExpectedCheckers = 1 }, Cancel.Soon);
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("RingKeeper:ZKServers", stack.ZKServers), new("RingKeeper:ClusterName", "orders")]);
        builder.Services.AddRingKeeper(builder.Configuration.GetSection("RingKeeper"))
            .AddChecker()
            .AddHealthCheck();
        using var host = builder.Build();
        await host.StartAsync(Cancel.Soon);
        await Views.WaitAsync(host.Services.GetRequiredService<ZKCluster>(), Views.AllAlive);
        await host.StopAsync(Cancel.Soon);
    }

    [Fact]
    public async Task Several_clusters_are_injected_by_their_keys()
    {
        await using var orders = await RingKeeperTestCluster.StartAsync(new RingKeeperTestClusterOptions { ClusterName = "orders", ShardCount = 1 });
        await using var users = await RingKeeperTestCluster.StartAsync(new RingKeeperTestClusterOptions { ClusterName = "users", ShardCount = 1 });
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
        [
            new("Clusters:Orders:ZKServers", orders.ZKServers),
            new("Clusters:Orders:ClusterName", "orders"),
            new("Clusters:Users:ZKServers", users.ZKServers),
            new("Clusters:Users:ClusterName", "users"),
        ]);
        builder.Services.AddKeyedRingKeeper("orders", builder.Configuration.GetSection("Clusters:Orders"));
        builder.Services.AddKeyedRingKeeper("users", builder.Configuration.GetSection("Clusters:Users"));
        builder.Services.AddSingleton<Shop>();
        using var host = builder.Build();
        await host.StartAsync(Cancel.Soon);

        Assert.Equal((orders.AddressOf("shard1"), users.AddressOf("shard1")), await host.Services.GetRequiredService<Shop>().FindAsync());
        await host.StopAsync(Cancel.Soon);
    }

    [Fact]
    public async Task A_test_puts_its_own_cluster_in_the_place_of_the_applications_and_breaks_it()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddRingKeeper(options => (options.ZKServers, options.ClusterName) = ("zk1:2181", "orders"));
        await using var test = await RingKeeperTestCluster.StartAsync(new RingKeeperTestClusterOptions { ClusterName = "orders" });
        builder.Services.Configure<RingKeeperOptions>(test.Configure);
        using var app = builder.Build();
        await app.StartAsync(Cancel.Soon);

        var orders = app.Services.GetRequiredService<ZKCluster>();
        await test.KillShardAsync("shard1");
        await test.WaitForShardAsync(orders, "shard1", alive: false);
        await test.RestartShardAsync("shard1");
        await Views.WaitAsync(orders, Views.AllAlive);
        await app.StopAsync(Cancel.Soon);
    }

    public sealed class Shop([FromKeyedServices("orders")] ZKCluster orders, [FromKeyedServices("users")] IConnector users)
    {
        public async Task<(string Order, string User)> FindAsync() =>
            ((await orders.ConnectAsync("order:1", cancellationToken: Cancel.Soon)).Shard.Addr, (await users.ConnectAsync("user:1", cancellationToken: Cancel.Soon)).Shard.Addr);
    }
}
