using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.DependencyInjection;

/// <summary>Clusters, checkers and health checks in generic hosts; the same on every stack.</summary>
public abstract class HostSuite<TStack> : IAsyncLifetime
    where TStack : ClusterStack, new()
{
    // Above zero: while a change is read, the view in use is not known to be ZooKeeper's for a moment.
    private static readonly TimeSpan Impatience = TimeSpan.FromMilliseconds(50);

    protected TStack Stack { get; } = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Stack.DisposeAsync();
    }

    [Fact]
    public async Task Two_keyed_clusters_serve_a_worker_that_takes_them_in_its_constructor()
    {
        await Stack.StartEmptyAsync();
        var (orders, users) = (await CreateClusterAsync("orders", 2), await CreateClusterAsync("users", 1));
        await using var host = await TestHost.StartAsync(
            builder =>
            {
                builder.Services.AddKeyedRingKeeper("orders", builder.Configuration.GetSection("RingKeeper:orders")).AddChecker();
                builder.Services.AddKeyedRingKeeper("users", builder.Configuration.GetSection("RingKeeper:users")).AddChecker();
                builder.Services.AddSingleton<Worker>().AddHostedService(provider => provider.GetRequiredService<Worker>());
            },
            [.. Settings("orders", "orders:"), .. Settings("users", "users:")]);
        var (order, user) = await host.Get<Worker>().Routes.WaitAsync(Cancel.Soon);

        Assert.Contains(order.Shard, orders);
        Assert.Contains(user.Shard, users);
        Assert.Equal("paid", (string?)await order.Database.StringGetAsync("order:1"));
        Assert.Equal("ann", (string?)await user.Database.StringGetAsync("user:1"));

        // Two clients and two checkers, and one session.
        Assert.Equal(host.Get<ZKCluster>("orders").Session.SessionId, host.Get<ZKCluster>("users").Session.SessionId);
        var zooKeeper = await Stack.ConnectToZooKeeperAsync();
        foreach (var name in new[] { "orders", "users" })
        {
            var node = Assert.Single(await Stack.Manager.GetCheckersAsync(name, Cancel.Soon));
            var vote = await zooKeeper.ExistsAsync(ZKPaths.Vote(name, node), Cancel.Soon);
            Assert.Equal(host.Get<ZKCluster>("orders").Session.SessionId, vote!.Value.EphemeralOwner);
        }
    }

    [Fact]
    public async Task Checkers_in_hosts_agree_and_a_host_that_stops_withdraws_its_vote_at_once()
    {
        await Stack.StartEmptyAsync();
        await CreateClusterAsync(Stack.Name, 2, expectedCheckers: 3);
        await using var first = await StartHostInLineAsync(1);
        await using var second = await StartHostInLineAsync(2);
        await using var third = await StartHostInLineAsync(3);
        var cluster = third.Get<ZKCluster>();
        await Views.WaitAsync(cluster, Views.AllAlive);
        var votes = await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon);

        // The leader: what its session still held would keep the others from deciding. The host is only stopped; its session stays open.
        await first.StopAsync();
        Assert.Equal(votes.Skip(1), await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon));
        Assert.Equal(SessionState.Connected, first.Get<ZKCluster>().Session.State);

        await Stack.Shards[$"{Stack.Name}1"].KillAsync();
        await Views.WaitAsync(cluster, Views.IsDead($"{Stack.Name}1"));
        await second.StopAsync();
        Assert.Equal([votes[2]], await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon));
    }

    [Fact]
    public async Task A_start_that_fails_elsewhere_withdraws_the_vote_at_once()
    {
        await Stack.StartEmptyAsync();
        await CreateClusterAsync(Stack.Name, 1);
        var zooKeeper = await Stack.ConnectToZooKeeperAsync();
        var host = TestHost.Build(
            builder =>
            {
                builder.Services.AddRingKeeper(builder.Configuration.GetSection("RingKeeper")).AddChecker();
                builder.Services.AddHostedService(provider => new FailingService(async () => await Views.WaitAsync(provider.GetRequiredService<ZKCluster>(), Views.AllAlive)));
            },
            Settings(Stack.Name));

        Assert.Equal("no", (await Assert.ThrowsAsync<NotSupportedException>(host.StartAsync)).Message);
        Assert.Single(await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon));
        var session = await host.GetZooKeeperAsync();
        await host.DisposeAsync();
        Assert.Empty(await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon));
        Assert.Equal(SessionState.Closed, session.Session.State);
    }

    [Fact]
    public async Task A_missing_cluster_fails_the_start_by_name_and_may_be_created_meanwhile()
    {
        await Stack.StartEmptyAsync();
        await CreateClusterAsync("orders", 1);
        await using var host = TestHost.Build(
            builder => builder.Services.AddRingKeeper(builder.Configuration.GetSection("RingKeeper")).AddChecker(),
            Settings("users"));
        var refusal = await Assert.ThrowsAsync<RingKeeperException>(host.StartAsync);

        Assert.StartsWith($"Cluster 'users' (RingKeeper:ClusterName) on ZooKeeper '{Stack.ZKServers}' (RingKeeper:ZKServers) could not be connected: There is no cluster 'users'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("there are: orders.", refusal.Message, StringComparison.Ordinal);

        await CreateClusterAsync("users", 1);
        await host.Services.ConnectRingKeeperAsync(Cancel.Soon);
        Assert.Equal("users1", host.Get<ZKCluster>().View.Ring.Shards[0].Name);
    }

    [Fact]
    public async Task The_health_check_follows_the_shards()
    {
        await Stack.StartEmptyAsync();
        await CreateClusterAsync(Stack.Name, 2);
        await using var host = await StartHostAsync();
        var cluster = host.Get<ZKCluster>();
        await Views.WaitAsync(cluster, Views.AllAlive);
        var (one, two) = ($"{Stack.Name}1", $"{Stack.Name}2");
        AssertHealthy(await host.CheckHealthAsync("patient"));

        await Stack.Shards[one].KillAsync();
        await Views.WaitAsync(cluster, Views.IsDead(one));
        var degraded = await host.CheckHealthAsync("patient");
        Assert.Equal(HealthStatus.Degraded, degraded.Status);
        Assert.Equal(("dead", "alive"), (degraded.Data[$"shard {one}"], degraded.Data[$"shard {two}"]));
        Assert.Matches($@"^Cluster '{Stack.Name}': {one} is dead since [0-9T:.-]+Z by the checkers' agreement\.$", degraded.Description);

        await Stack.Shards[two].KillAsync();
        await Views.WaitAsync(cluster, Views.IsDead(two));
        Assert.Equal(HealthStatus.Unhealthy, (await host.CheckHealthAsync("patient")).Status);

        await Stack.Shards[one].RestartAsync();
        await Stack.Shards[two].RestartAsync();
        await Views.WaitAsync(cluster, Views.AllAlive);
        AssertHealthy(await host.CheckHealthAsync("patient"));
    }

    [Fact]
    public async Task The_health_check_is_degraded_while_ZooKeeper_is_away()
    {
        await Stack.StartEmptyAsync();
        await CreateClusterAsync(Stack.Name, 1);

        // Routes tell when the view is old and when it is confirmed.
        await using var host = await TestHost.StartAsync(
            static builder =>
            {
                AddAll(builder);
                builder.Services.Configure<RingKeeperOptions>(static options => (options.StaleViewAfter, options.StaleViewPolicy) = (Impatience, StaleViewPolicy.MissReads));
            },
            Settings(Stack.Name));
        var cluster = host.Get<ZKCluster>();
        await Views.WaitAsync(cluster, Views.AllAlive);

        await Stack.StopZooKeeperAsync();
        await WhenRoutesAsync(cluster, static route => route.ReadsAreMisses);
        var away = await host.CheckHealthAsync();
        Assert.Equal(HealthStatus.Degraded, away.Status);
        Assert.Contains("ZooKeeper is away", away.Description, StringComparison.Ordinal);
        Assert.True((TimeSpan)away.Data["zookeeper last heard"] > TimeSpan.Zero);
        Assert.Equal(HealthStatus.Healthy, (await host.CheckHealthAsync("patient")).Status);

        await Stack.RestartZooKeeperAsync();
        await WhenRoutesAsync(cluster, static route => !route.ReadsAreMisses);
        Assert.Equal(HealthStatus.Healthy, (await host.CheckHealthAsync()).Status);
    }

    [Fact]
    public async Task A_host_with_a_snapshot_starts_while_ZooKeeper_is_away_and_follows_and_checks_once_it_is_back()
    {
        using var folder = new TemporaryFolder("snapshot");
        await Stack.StartEmptyAsync();
        await CreateClusterAsync(Stack.Name, 2);
        (string, string)[] settings = [.. Settings(Stack.Name), ("StartTimeout", "00:00:01.5"), ("SnapshotFile", folder.Combine("view"))];
        await using (var earlier = await TestHost.StartAsync(AddAll, settings))
        {
            await Views.WaitAsync(earlier.Get<ZKCluster>(), Views.AllAlive);
        }

        File.Copy(folder.Combine("view"), folder.Combine("other"));
        await Stack.StopZooKeeperAsync();
        await using var host = await TestHost.StartAsync(AddAll, settings);
        var cluster = host.Get<ZKCluster>();
        Assert.True((await cluster.ConnectAsync("key", cancellationToken: Cancel.Soon)).ReadsAreMisses);
        Assert.True(await cluster.GetDatabase().StringSetAsync("key", "value"));
        var away = await host.CheckHealthAsync();
        Assert.Equal(HealthStatus.Degraded, away.Status);
        Assert.Contains("ZooKeeper is away", away.Description, StringComparison.Ordinal);

        // And without a host.
        var services = new ServiceCollection();
        services.AddRingKeeper(o => (o.ZKServers, o.ClusterName, o.StartTimeout, o.SnapshotFile) = (Stack.ZKServers, Stack.Name, TimeSpan.FromSeconds(1.5), folder.Combine("other")));
        await using var provider = services.BuildServiceProvider();
        await provider.ConnectRingKeeperAsync(Cancel.Soon);
        Assert.Equal("value", await provider.GetRequiredService<ZKCluster>().GetDatabase().StringGetAsync("key"));

        await Stack.RestartZooKeeperAsync();
        await Stack.Shards[$"{Stack.Name}1"].KillAsync();

        // Only the host's own checker can tell.
        await Views.WaitAsync(cluster, Views.IsDead($"{Stack.Name}1"));
        await Views.WaitAsync(provider.GetRequiredService<ZKCluster>(), Views.IsDead($"{Stack.Name}1"));
        Assert.Single(await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon));
    }

    [Fact]
    public async Task A_host_whose_start_from_a_snapshot_fails_elsewhere_leaves_no_checker_behind()
    {
        using var folder = new TemporaryFolder("snapshot");
        await Stack.StartEmptyAsync();
        await CreateClusterAsync(Stack.Name, 1);
        (string, string)[] settings = [.. Settings(Stack.Name), ("StartTimeout", "00:00:01.5"), ("SnapshotFile", folder.Combine("view"))];
        await (await TestHost.StartAsync(AddAll, settings)).DisposeAsync();
        await Stack.StopZooKeeperAsync();
        var host = TestHost.Build(
            builder =>
            {
                AddAll(builder);
                builder.Services.AddHostedService(_ => new FailingService(() => Task.CompletedTask));
            },
            settings);
        await Assert.ThrowsAsync<NotSupportedException>(host.StartAsync);
        await host.DisposeAsync();

        await Stack.RestartZooKeeperAsync();
        Assert.Empty(await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon));
    }

    [Fact]
    public async Task A_session_that_ended_for_good_is_opened_anew_by_the_next_attempt_to_connect()
    {
        await Stack.StartEmptyAsync();
        await CreateClusterAsync("orders", 1);
        await using var host = TestHost.Build(AddAll, Settings("users"));
        await Assert.ThrowsAsync<RingKeeperException>(host.StartAsync);
        var ended = await host.GetZooKeeperAsync();
        await ended.DisposeAsync();
        await CreateClusterAsync("users", 1);

        await host.Services.ConnectRingKeeperAsync(Cancel.Soon);

        Assert.Equal("users1", host.Get<ZKCluster>().View.Ring.Shards[0].Name);
        Assert.Equal(SessionState.Connected, host.Get<ZKCluster>().Session.State);
    }

    [Fact]
    public async Task A_container_without_a_host_connects_when_told_and_closes_with_itself()
    {
        await Stack.StartAsync(shards: 2, checkers: 1);
        var services = new ServiceCollection();
        services.AddRingKeeper(o => (o.ZKServers, o.ClusterName) = (Stack.ZKServers, Stack.Name));
        var provider = services.BuildServiceProvider();
        await provider.ConnectRingKeeperAsync(Cancel.Soon);
        await provider.ConnectRingKeeperAsync(Cancel.Soon);
        var connector = provider.GetRequiredService<IConnector>();
        var route = await connector.ConnectAsync("key", cancellationToken: Cancel.Soon);
        Assert.True(await route.Database.StringSetAsync("key", "value"));

        await provider.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await connector.ConnectAsync("key"));
        Assert.Equal(SessionState.Closed, ((ZKCluster)connector).Session.State);
    }

    /// <summary>Creates a cluster whose shards bear its name and a number.</summary>
    protected async Task<List<Shard>> CreateClusterAsync(string name, int shards, int expectedCheckers = 1)
    {
        var list = new List<Shard>();
        for (var i = 1; i <= shards; i++)
        {
            list.Add(await Stack.StartShardAsync($"{name}{i}"));
        }

        await Stack.Manager.CreateClusterAsync(name, list, new ZKClusterOptions { ExpectedCheckers = expectedCheckers }, Cancel.Soon);
        return list;
    }

    /// <summary>Settings of a host whose session would outlive the test, so that what goes at once went by intent.</summary>
    protected (string Key, string Value)[] Settings(string cluster, string prefix = "") =>
    [
        ($"{prefix}ZKServers", Stack.ZKServers),
        ($"{prefix}ClusterName", cluster),
        ($"{prefix}ZKTimeout", "00:00:30"),
        ($"{prefix}Checker:Interval", Stack.Interval.ToString()),
        ($"{prefix}Checker:Threshold", Stack.Threshold.ToString()),
    ];

    private protected Task<TestHost> StartHostAsync() => TestHost.StartAsync(AddAll, Settings(Stack.Name));

    private static void AssertHealthy(HealthReportEntry result) => Assert.True(result.Status == HealthStatus.Healthy, result.Description);

    // To the one its absence shows at once, so that no test waits for it; the other has the defaults.
    private static void AddAll(HostApplicationBuilder builder) =>
        builder.Services.AddRingKeeper(builder.Configuration.GetSection("RingKeeper")).AddChecker()
            .AddHealthCheck(configure: static health => health.DegradedViewAge = Impatience)
            .AddHealthCheck("patient");

    private static async Task WhenRoutesAsync(ZKCluster cluster, Func<ShardRoute, bool> areAsWanted)
    {
        for (var changed = ((IRouteSource)cluster).RoutesChanged; !cluster.TryRoute("k"u8, RoutePolicy.Failover, out var route) || !areAsWanted(route); changed = ((IRouteSource)cluster).RoutesChanged)
        {
            await changed.WaitAsync(Cancel.Soon);
        }
    }

    // A start ends before the checker stands in line; the next one is to stand behind it.
    private async Task<TestHost> StartHostInLineAsync(int place)
    {
        var zooKeeper = await Stack.ConnectToZooKeeperAsync();
        await using var line = await zooKeeper.WatchAsync(ZKPaths.Cluster(Stack.Name), WatchMode.PersistentRecursive, Cancel.Soon);
        var host = await StartHostAsync();
        await using var events = line.ReadAllAsync(Cancel.Soon).GetAsyncEnumerator();
        while ((await Stack.Manager.GetCheckersAsync(Stack.Name, Cancel.Soon)).Count < place)
        {
            Assert.True(await events.MoveNextAsync());
        }

        return host;
    }

    private sealed class Worker([FromKeyedServices("orders")] ZKCluster orders, [FromKeyedServices("users")] IConnector users) : BackgroundService
    {
        private readonly TaskCompletionSource<(ShardRoute Order, ShardRoute User)> _routes = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<(ShardRoute Order, ShardRoute User)> Routes => _routes.Task;

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Views.WaitAsync(orders, Views.AllAlive);
            await Views.WaitAsync((ZKCluster)users, Views.AllAlive);
            var order = await orders.ConnectAsync("order:1", cancellationToken: stoppingToken);
            var user = await users.ConnectAsync("user:1", cancellationToken: stoppingToken);
            await order.Database.StringSetAsync("order:1", "paid");
            await user.Database.StringSetAsync("user:1", "ann");
            _routes.SetResult((order, user));
        }
    }

    private sealed class FailingService(Func<Task> before) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await before();
            throw new NotSupportedException("no");
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
