using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RingKeeper.ZooKeeper;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.DependencyInjection;

/// <summary>What a container holds, before anything is connected.</summary>
public sealed class RegistrationTests
{
    private readonly ServiceCollection _services = [];

    [Fact]
    public async Task A_cluster_may_be_injected_before_the_host_starts_and_says_when_it_connects()
    {
        _services.AddRingKeeper(Orders);
        await using var provider = Build();
        var cluster = provider.GetRequiredService<ZKCluster>();

        Assert.Equal("orders", cluster.Name);
        Assert.Equal(SessionState.Connecting, cluster.Session.State);
        Assert.False(cluster.TryRoute("key"u8, RoutePolicy.Failover, out _));
        foreach (var message in new[]
        {
            Assert.Throws<InvalidOperationException>(() => cluster.View).Message,
            (await Assert.ThrowsAsync<InvalidOperationException>(async () => await cluster.ConnectAsync("key"))).Message,
            (await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.GetDatabase().StringGetAsync("key"))).Message,
            (await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.GetDatabase().StringGetAsync(["key", "other"]))).Message,
            Assert.Throws<InvalidOperationException>(() => cluster.GetDatabase().StringGet("key")).Message,
            Assert.Throws<InvalidOperationException>(() => cluster.GetDatabase().StringGet(["key", "other"])).Message,
            Assert.Throws<InvalidOperationException>(() => cluster.GetDatabase().Database).Message,
            (await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.ExecuteAsync("key", route => route.Database.PingAsync()))).Message,
        })
        {
            Assert.Equal("Cluster 'orders' is not connected yet. It connects when the host starts, before any StartAsync; without a host, call ConnectRingKeeperAsync() on the service provider first.", message);
        }
    }

    [Fact]
    public async Task The_ring_is_the_containers_multiplexer_and_under_a_key_the_one_that_never_leaves_an_owner()
    {
        _services.AddRingKeeper(Orders).AddConnectionMultiplexer();
        _services.AddKeyedRingKeeper("other", Orders).AddConnectionMultiplexer();
        var provider = Build();
        var cluster = provider.GetRequiredService<ZKCluster>();

        Assert.Same(cluster.GetMultiplexer(), provider.GetRequiredService<IConnectionMultiplexer>());
        Assert.Same(cluster.GetMultiplexer(RoutePolicy.OwnerOnly), provider.GetRequiredKeyedService<IConnectionMultiplexer>(RoutePolicy.OwnerOnly));
        Assert.Same(provider.GetRequiredKeyedService<ZKCluster>("other").GetMultiplexer(), provider.GetRequiredKeyedService<IConnectionMultiplexer>("other"));
        Assert.NotSame(cluster.GetMultiplexer(), cluster.GetMultiplexer(RoutePolicy.OwnerOnly));
        Assert.Empty(cluster.GetMultiplexer().GetEndPoints());
        Assert.False(cluster.GetMultiplexer().IsConnected);
        Assert.Throws<ShardNotReadyException>(() => cluster.GetShardDatabases());

        // The container disposes of what it made, and so of the face; the cluster is closed by itself.
        await provider.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => cluster.GetDatabase().StringGet("key"));
        Assert.Throws<ObjectDisposedException>(() => cluster.GetShardDatabases());
    }

    [Fact]
    public void A_second_multiplexer_is_refused_where_it_is_registered()
    {
        _services.AddSingleton<IConnectionMultiplexer>(_ => throw new InvalidOperationException("Not asked for."));
        var builder = _services.AddRingKeeper(Orders);

        Assert.Contains("registered already", Assert.Throws<InvalidOperationException>(() => builder.AddConnectionMultiplexer()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_never_was_connected_can_be_disposed_of()
    {
        _services.AddRingKeeper(Orders);
        var provider = Build();
        var cluster = provider.GetRequiredService<ZKCluster>();
        await provider.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => cluster.View);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await cluster.ConnectAsync("key"));
    }

    [Fact]
    public async Task The_connector_is_the_cluster_with_and_without_a_key()
    {
        _services.AddRingKeeper(Orders);
        _services.AddKeyedRingKeeper("users", Orders);
        await using var provider = Build();

        Assert.Same(provider.GetRequiredService<ZKCluster>(), provider.GetRequiredService<IConnector>());
        Assert.Same(provider.GetRequiredKeyedService<ZKCluster>("users"), provider.GetRequiredKeyedService<IConnector>("users"));
        Assert.NotSame(provider.GetRequiredService<ZKCluster>(), provider.GetRequiredKeyedService<ZKCluster>("users"));
    }

    [Fact]
    public void The_builder_knows_services_key_and_options()
    {
        var (plain, keyed) = (_services.AddRingKeeper(Orders), _services.AddKeyedRingKeeper("users", Orders));

        Assert.Same(_services, plain.Services);
        Assert.Equal((null, ""), (plain.ServiceKey, plain.OptionsName));
        Assert.Equal(("users", "users"), (keyed.ServiceKey, keyed.OptionsName));
    }

    [Fact]
    public void A_second_registration_is_refused_and_told_what_to_do()
    {
        _services.AddRingKeeper(Orders);
        _services.AddKeyedRingKeeper("users", Orders);

        Assert.Contains("AddKeyedRingKeeper", Assert.Throws<InvalidOperationException>(() => _services.AddRingKeeper(Orders)).Message, StringComparison.Ordinal);
        Assert.Contains("the key 'users'", Assert.Throws<InvalidOperationException>(() => _services.AddKeyedRingKeeper("users", Orders)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _services.AddKeyedRingKeeper("", Orders));
    }

    [Fact]
    public async Task Connecting_a_container_without_clusters_is_refused()
    {
        await using var provider = Build();

        Assert.Contains("AddRingKeeper", (await Assert.ThrowsAsync<InvalidOperationException>(() => provider.ConnectRingKeeperAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adding_a_checker_again_configures_the_same_one()
    {
        _services.AddRingKeeper(Orders).AddChecker(c => c.WorkerCount = 2).AddChecker(c => c.Interval = TimeSpan.FromSeconds(5));
        await using var provider = Build();
        var checker = provider.GetRequiredService<OptionsMap>().ToChecker("");

        Assert.Single(provider.GetServices<IHostedService>().OfType<HostedChecker>());
        Assert.Equal((2, TimeSpan.FromSeconds(5)), (checker.WorkerCount, checker.Interval));
    }

    [Fact]
    public async Task Two_checkers_of_one_cluster_are_refused_however_its_servers_are_written()
    {
        _services.AddRingKeeper(o => (o.ZKServers, o.ClusterName) = ("zk1,zk2:2181", "orders")).AddChecker();
        _services.AddKeyedRingKeeper("again", o => (o.ZKServers, o.ClusterName) = ("zk2,zk1", "orders")).AddChecker();
        await using var provider = Build();

        var refusal = await Assert.ThrowsAsync<RingKeeperException>(() => provider.ConnectRingKeeperAsync());
        Assert.Contains("(the one without key, 'again')", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("cluster 'orders'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clusters_that_share_a_snapshot_file_are_refused_however_its_path_is_written()
    {
        _services.AddRingKeeper(o =>
        {
            Orders(o);
            o.SnapshotFile = "the.view";
        });
        _services.AddKeyedRingKeeper("users", o =>
        {
            Orders(o);
            o.SnapshotFile = "./the.view";
        });
        await using var provider = Build();

        var refusal = await Assert.ThrowsAsync<RingKeeperException>(() => provider.ConnectRingKeeperAsync());
        Assert.Contains("(the one without key, 'users')", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("RingKeeperOptions.SnapshotFile, RingKeeperOptions.SnapshotFile of 'users'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_and_time_come_from_the_container()
    {
        var time = new FakeTimeProvider();
        _services.AddSingleton<TimeProvider>(time);
        _services.AddLogging();
        _services.AddRingKeeper(Orders).AddChecker();
        await using var provider = Build();
        var map = provider.GetRequiredService<OptionsMap>();

        Assert.Same(time, map.ToConnector("").TimeProvider);
        Assert.Same(time, map.ToCluster("").TimeProvider);
        Assert.Same(time, map.ToChecker("").TimeProvider);
        Assert.Same(provider.GetRequiredService<ILoggerFactory>(), map.ToConnector("").LoggerFactory);
        Assert.Same(provider.GetRequiredService<ILoggerFactory>(), map.ToChecker("").LoggerFactory);
    }

    [Fact]
    public async Task Every_option_reaches_the_cluster_and_the_checker()
    {
        _services.AddRingKeeper(o =>
        {
            Orders(o);
            o.ZKTimeout = TimeSpan.FromSeconds(4);
            o.StartTimeout = TimeSpan.FromSeconds(5);
            o.DigestCredentials = "app:secret";
            o.ReadyTimeout = TimeSpan.FromSeconds(6);
            o.ConnectTimeout = TimeSpan.FromSeconds(7);
            o.DrainTimeout = TimeSpan.FromSeconds(8);
            o.StaleViewAfter = TimeSpan.FromSeconds(13);
            o.StaleViewPolicy = StaleViewPolicy.MissReads;
            o.SnapshotFile = "orders.view";
            o.TrustSnapshot = true;
        }).AddChecker(c =>
        {
            c.Interval = TimeSpan.FromSeconds(9);
            c.Threshold = TimeSpan.FromSeconds(10);
            c.WorkerCount = 11;
            c.RecountInterval = TimeSpan.FromSeconds(12);
        });
        await using var provider = Build();
        var map = provider.GetRequiredService<OptionsMap>();
        var (cluster, checker) = (map.ToCluster(""), map.ToChecker(""));

        foreach (var connector in new[] { map.ToConnector(""), checker })
        {
            Assert.Equal(("zk1", "app:secret"), (connector.ZKServers, connector.DigestCredentials));
            Assert.Equal((4, 5), (connector.ZKTimeout.TotalSeconds, connector.StartTimeout.TotalSeconds));
        }

        Assert.Equal((6, 7, 8), (cluster.ReadyTimeout.TotalSeconds, cluster.ConnectTimeout.TotalSeconds, cluster.DrainTimeout.TotalSeconds));
        Assert.Equal((13, StaleViewPolicy.MissReads, "orders.view", true), (cluster.StaleViewAfter.TotalSeconds, cluster.StaleViewPolicy, cluster.SnapshotFile, cluster.TrustSnapshot));
        Assert.Equal("orders", checker.ClusterName);
        Assert.Equal((9, 10, 11, 12), (checker.Interval.TotalSeconds, checker.Threshold.TotalSeconds, checker.WorkerCount, checker.RecountInterval.TotalSeconds));
    }

    [Fact]
    public async Task Settings_of_Redis_are_applied_in_the_order_text_then_code_to_clients_and_probes()
    {
        _services.AddRingKeeper(o =>
        {
            Orders(o);
            o.Redis = "user=app,password=one";
            o.ConfigureRedis = redis => redis.Password = "two";
        }).AddChecker();
        await using var provider = Build();
        var map = provider.GetRequiredService<OptionsMap>();

        Assert.Equal(("app", "two"), Configured(map.ToCluster("").ConfigureRedis));
        Assert.Equal(("app", "two"), Configured(map.ToChecker("").ConfigureRedis));
    }

    [Fact]
    public async Task Probes_with_settings_of_their_own_take_none_of_the_clients()
    {
        _services.AddRingKeeper(o =>
        {
            Orders(o);
            o.Redis = "user=app,password=one";
            o.ConfigureRedis = redis => redis.Password = "two";
        }).AddChecker(c => c.Redis = "user=probe");
        await using var provider = Build();
        var map = provider.GetRequiredService<OptionsMap>();

        Assert.Equal(("app", "two"), Configured(map.ToCluster("").ConfigureRedis));
        Assert.Equal(("probe", null), Configured(map.ToChecker("").ConfigureRedis));
    }

    [Fact]
    public async Task Health_checks_are_named_by_the_key_and_unhealthy_before_the_start()
    {
        _services.AddLogging();
        _services.AddRingKeeper(Orders).AddHealthCheck(tags: ["ready"]);
        _services.AddKeyedRingKeeper("users", Orders).AddHealthCheck(failureStatus: HealthStatus.Degraded);
        await using var provider = Build();
        var report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.Equal(["ringkeeper", "ringkeeper:users"], report.Entries.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(HealthStatus.Unhealthy, report.Entries["ringkeeper"].Status);
        Assert.Equal(["ready"], report.Entries["ringkeeper"].Tags);
        Assert.Equal("Cluster 'orders' is not connected yet.", report.Entries["ringkeeper"].Description);
        Assert.Equal(HealthStatus.Degraded, report.Entries["ringkeeper:users"].Status);
    }

    private static void Orders(RingKeeperOptions options) => (options.ZKServers, options.ClusterName) = ("zk1", "orders");

    private static (string? User, string? Password) Configured(Action<ConfigurationOptions>? configure)
    {
        var options = new ConfigurationOptions();
        configure!(options);
        return (options.User, options.Password);
    }

    private ServiceProvider Build() => _services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
}
