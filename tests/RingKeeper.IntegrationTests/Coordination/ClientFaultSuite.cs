using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Coordination;

/// <summary>What a client does while ZooKeeper or a shard is away; the same on every stack.</summary>
public abstract class ClientFaultSuite<TStack> : IAsyncLifetime
    where TStack : ClusterStack, new()
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(400);

    private readonly TemporaryFolder _folder = new("snapshot");

    protected TStack Stack { get; } = new();

    private string SnapshotFile => _folder.Combine("c1.snapshot");

    public ValueTask InitializeAsync() => new(Stack.StartAsync(checkers: 1, options: new ZKClusterOptions { ExpectedCheckers = 1 }));

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Stack.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Without_ZooKeeper_a_client_serves_on_and_says_how_old_its_view_is()
    {
        var log = new LogWatch();
        await using var client = await ConnectAsync(new ClusterOptions { StaleViewAfter = Short, Logger = log });
        Assert.Equal(TimeSpan.Zero, client.ViewAge);

        await Stack.StopZooKeeperAsync();
        await log.WhenAsync(StaleView);
        Assert.True(client.ViewAge >= Short);
        var age = client.ViewAge;
        await WriteAndReadAsync(client, "k");
        Assert.True(client.ViewAge > age);

        await Stack.RestartZooKeeperAsync();
        await log.WhenAsync(ConfirmedView);
        Assert.Equal(TimeSpan.Zero, client.ViewAge);
        await WriteAndReadAsync(client, "k");
    }

    [Fact]
    public async Task Reads_become_misses_while_the_view_is_too_old_and_writes_go_on()
    {
        await using var client = await ConnectAsync(new ClusterOptions { StaleViewAfter = Short, StaleViewPolicy = StaleViewPolicy.MissReads });
        Assert.False((await client.ConnectAsync("k")).ReadsAreMisses);

        await Stack.StopZooKeeperAsync();
        await WhenRoutesAsync(client, () => TryRoute(client, out var route) && route.ReadsAreMisses);
        var stale = await client.ConnectAsync("k");
        Assert.True(stale.ReadsAreMisses);
        Assert.True(client.ViewAge >= Short);
        await stale.Database.StringSetAsync("k", "written");
        await using (var workload = new RegisterWorkload([client], "r:", registers: 5, TimeSpan.FromMilliseconds(1), seed: 1, TimeProvider.System))
        {
            workload.Start();
            await workload.WhenWrittenAsync(50).WaitAsync(Cancel.Soon);
            await workload.StopAsync();
            Assert.Equal((0, 0, 0), (workload.Counts.Fresh, workload.Counts.Stale, workload.Counts.Wrong));
            Assert.True(workload.Counts.Misses > 50, $"{workload.Counts}");
        }

        await Stack.RestartZooKeeperAsync();
        await WhenRoutesAsync(client, () => TryRoute(client, out var route) && !route.ReadsAreMisses);
        Assert.Equal(TimeSpan.Zero, client.ViewAge);
        Assert.Equal("written", await (await client.ConnectAsync("k")).Database.StringGetAsync("k"));
    }

    [Fact]
    public async Task Lookups_are_refused_while_the_view_is_too_old_and_those_that_can_wait_go_on_afterwards()
    {
        await using var client = await ConnectAsync(new ClusterOptions { StaleViewAfter = Short, StaleViewPolicy = StaleViewPolicy.Refuse });
        await WriteAndReadAsync(client, "k");

        await Stack.StopZooKeeperAsync();
        await WhenRoutesAsync(client, () => !TryRoute(client, out _));
        var refusal = await Assert.ThrowsAsync<StaleViewException>(async () => await client.ConnectAsync("k"));
        Assert.Contains("cluster 'c1'", refusal.Message, StringComparison.Ordinal);
        var waiting = client.ExecuteAsync("k", route => route.Database.StringGetAsync("k"), CommandFlags.CommandRetryReadOnly, deadline: TimeSpan.FromSeconds(25));

        await Stack.RestartZooKeeperAsync();
        Assert.Equal("v", await waiting);
        Assert.Equal(TimeSpan.Zero, client.ViewAge);
        await client.ConnectAsync("k");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_starts_from_its_snapshot_while_ZooKeeper_is_away_and_then_follows(bool isTrusted)
    {
        var options = new ClusterOptions { SnapshotFile = SnapshotFile, TrustSnapshot = isTrusted };
        await using (var earlier = await ConnectAsync(options))
        {
            await WriteAndReadAsync(earlier, "k");
        }

        await Stack.StopZooKeeperAsync();
        await using var client = await ConnectAsync(options);
        Assert.Equal(!isTrusted, (await client.ConnectAsync("k")).ReadsAreMisses);
        Assert.True(client.ViewAge > TimeSpan.Zero);
        await WriteAndReadAsync(client, "k");

        await Stack.RestartZooKeeperAsync();
        await Stack.Shards["shard2"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard2"));
        await WhenRoutesAsync(client, () => TryRoute(client, out var route) && !route.ReadsAreMisses);
        await WriteAndReadAsync(client, Views.KeyOf(client.View.Ring, "shard2"));

        // What it has learnt stands in the file.
        await client.DisposeAsync();
        var kept = ViewSnapshotFile.Read(SnapshotFile, Stack.Name);
        Assert.Contains(kept.Statuses.Values, status => status.Addr == Stack.Shards["shard2"].Addr && !status.Alive);
    }

    [Fact]
    public async Task A_damaged_snapshot_is_refused_with_both_reasons_and_ignored_while_ZooKeeper_is_there()
    {
        var options = new ClusterOptions { SnapshotFile = SnapshotFile };
        await File.WriteAllTextAsync(SnapshotFile, "RingKeeper-snapshot 1 0000000000000000 5\n{\"a\"}", Cancel.Soon);
        await using (var client = await ConnectAsync(options))
        {
            Assert.False((await client.ConnectAsync("k")).ReadsAreMisses);
        }

        var whole = await File.ReadAllBytesAsync(SnapshotFile, Cancel.Soon);
        Assert.Equal(3, ViewSnapshotCodec.Decode(whole).Cluster.Shards.Count);

        await File.WriteAllBytesAsync(SnapshotFile, whole[..^10], Cancel.Soon);
        await Stack.StopZooKeeperAsync();
        var refusal = await Assert.ThrowsAsync<RingKeeperException>(() => ConnectAsync(options));
        Assert.Contains("No ZooKeeper server gave a session", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"'{SnapshotFile}' is refused: it is cut short or damaged", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_snapshot_of_a_cluster_that_ZooKeeper_does_not_know_is_not_used()
    {
        var options = new ClusterOptions { SnapshotFile = SnapshotFile };
        await (await ConnectAsync(options)).DisposeAsync();
        await Stack.Manager.DeleteClusterAsync(Stack.Name, force: true, Cancel.Soon);

        var refusal = await Assert.ThrowsAsync<RingKeeperException>(() => ConnectAsync(options));

        Assert.Contains("There is no cluster 'c1'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_rides_over_the_death_of_its_shard_to_the_heir()
    {
        await using var client = await ConnectAsync(new ClusterOptions());
        var key = Views.KeyOf(client.View.Ring, "shard2");
        await WriteAndReadAsync(client, key);
        await Stack.Shards["shard2"].KillAsync();

        var attempts = 0;
        var servedBy = await client.ExecuteAsync(
            key,
            async route =>
            {
                attempts++;
                await route.Database.StringGetAsync(key);
                return route.Shard.Name;
            },
            CommandFlags.CommandRetryReadOnly,
            deadline: TimeSpan.FromSeconds(20));

        Assert.NotEqual("shard2", servedBy);
        Assert.InRange(attempts, 2, 40);
        await Assert.ThrowsAsync<NoShardAvailableException>(
            () => client.ExecuteAsync(key, route => route.Database.PingAsync(), CommandFlags.CommandRetryReadOnly, RoutePolicy.OwnerOnly, Short));

        // Back on the owner once it is back, though its caller asked before.
        var waiting = client.ExecuteAsync(key, route => route.Database.StringIncrementAsync(key + ":visits"), policy: RoutePolicy.OwnerOnly, deadline: TimeSpan.FromSeconds(20));
        await Stack.Shards["shard2"].RestartAsync();
        Assert.Equal(1, await waiting);
    }

    private const int StaleView = 111;
    private const int ConfirmedView = 112;

    /// <summary>Connects with the options' own log; gives up on ZooKeeper soon.</summary>
    protected Task<ZKCluster> ConnectAsync(ClusterOptions options) => ConnectAsync(options, Stack.ZKServers);

    protected Task<ZKCluster> ConnectAsync(ClusterOptions options, string servers) => ZKCluster.ConnectAsync(
        Stack.ConnectorOptions() with { ZKServers = servers, StartTimeout = TimeSpan.FromSeconds(1.5), LoggerFactory = new OneLog(options.Logger) },
        Stack.Name,
        options,
        Cancel.Soon);

    protected static bool TryRoute(ZKCluster client, out ShardRoute route) => client.TryRoute("k"u8, RoutePolicy.Failover, out route);

    /// <summary>Waits for routes that are as wanted; each change of them is looked at.</summary>
    protected static async Task WhenRoutesAsync(ZKCluster client, Func<bool> areAsWanted)
    {
        for (var limit = Cancel.Soon; ;)
        {
            var changed = ((IRouteSource)client).RoutesChanged;
            if (areAsWanted())
            {
                return;
            }

            await changed.WaitAsync(limit);
        }
    }

    protected static async Task WriteAndReadAsync(ZKCluster client, string key)
    {
        var route = await client.ConnectAsync(key, cancellationToken: Cancel.Soon);
        await route.Database.StringSetAsync(key, "v");
        Assert.Equal("v", await route.Database.StringGetAsync(key));
    }
}
