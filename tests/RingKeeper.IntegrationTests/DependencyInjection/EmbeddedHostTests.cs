using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using Xunit;

namespace RingKeeper.IntegrationTests.DependencyInjection;

/// <summary>The suite on the embedded pair, and what needs no stack or another one.</summary>
public sealed class EmbeddedHostTests : HostSuite<EmbeddedStack>
{
    [Fact]
    public async Task A_start_without_ZooKeeper_fails_in_time_and_names_every_address_and_setting()
    {
        var (first, second) = ($"127.0.0.1:{FreePort.Next()}", $"127.0.0.1:{FreePort.Next()}");
        await using var host = TestHost.Build(
            builder =>
            {
                builder.Services.AddRingKeeper(builder.Configuration.GetSection("RingKeeper")).AddChecker();
                builder.Services.AddKeyedRingKeeper("users", o => (o.ZKServers, o.ClusterName, o.StartTimeout) = (second, "users", TimeSpan.FromSeconds(1)));
            },
            ("ZKServers", first),
            ("ClusterName", "orders"),
            ("StartTimeout", "00:00:01"));
        var refusal = await Assert.ThrowsAsync<RingKeeperException>(host.StartAsync);

        Assert.Contains($"Cluster 'orders' (RingKeeper:ClusterName) on ZooKeeper '{first}' (RingKeeper:ZKServers) could not be connected: No ZooKeeper server gave a session within 1 s", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"Cluster 'users' (RingKeeperOptions.ClusterName of 'users') on ZooKeeper '{second}' (RingKeeperOptions.ZKServers of 'users') could not", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_settings_fail_the_start_before_anything_is_connected()
    {
        await using var host = TestHost.Build(
            builder => builder.Services.AddRingKeeper(builder.Configuration.GetSection("RingKeeper")).AddChecker(),
            ("ZKServers", "zk1:2181"),
            ("Clustername", "orders"),
            ("ReadyTimeout", "1"),
            ("Checkers:Interval", "00:00:01"));
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(host.StartAsync);

        Assert.Equal(2, refusal.Failures.Count());
        Assert.Contains("RingKeeper:ReadyTimeout is '1'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("RingKeeper:Checkers is not a setting", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checker_that_ends_by_a_fault_stops_its_host()
    {
        await Stack.StartEmptyAsync();
        await CreateClusterAsync(Stack.Name, 1);
        await using var host = await StartHostAsync();
        await Views.WaitAsync(host.Get<ZKCluster>(), Views.AllAlive);
        var stopping = new TaskCompletionSource();
        await using var registration = host.Get<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);

        await (await host.GetZooKeeperAsync()).DisposeAsync();
        await stopping.Task.WaitAsync(Cancel.Soon);
    }

    [Fact]
    public async Task Shards_with_a_password_are_reached_by_clients_and_probes_through_one_setting()
    {
        await Stack.StartEmptyAsync();
        await using var redis = await RedisServer.StartAsync(["--requirepass", "s3cret"]);
        await Stack.Manager.CreateClusterAsync(Stack.Name, [new Shard("a", redis.Addr)], new ZKClusterOptions { ExpectedCheckers = 1 }, Cancel.Soon);
        await using var host = await TestHost.StartAsync(
            builder => builder.Services.AddRingKeeper(builder.Configuration.GetSection("RingKeeper")).AddChecker(),
            [.. Settings(Stack.Name), ("Redis", "password=s3cret")]);
        await Views.WaitAsync(host.Get<ZKCluster>(), Views.AllAlive);
        var route = await host.Get<IConnector>().ConnectAsync("key", cancellationToken: Cancel.Soon);

        Assert.True(await route.Database.StringSetAsync("key", "value"));
    }
}
