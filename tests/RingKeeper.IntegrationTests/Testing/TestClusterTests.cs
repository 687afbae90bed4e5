using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Testing;

/// <summary>What a user's test does to a <see cref="RingKeeperTestCluster"/>, and what its clients then see.</summary>
public sealed class TestClusterTests
{
    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_slow_shard_answers_late_and_stays_alive_until_it_is_slower_than_the_threshold()
    {
        await using var test = await StartAsync();
        await using var cluster = await test.ConnectAsync(Cancel.Soon);
        var database = (await cluster.ConnectAsync(Views.KeyOf(cluster.View.Ring, "shard1"), cancellationToken: Cancel.Soon)).Database;
        test.SlowShard("shard1", TimeSpan.FromMilliseconds(150));
        var late = await MeasureAsync(database.PingAsync());
        Assert.True(late >= TimeSpan.FromMilliseconds(140), $"The answer came after {late}.");
        Assert.All(cluster.View.Statuses.Values, status => Assert.True(status.Alive));

        test.SlowShard("shard1", TimeSpan.FromSeconds(5));
        await test.WaitForShardAsync(cluster, "shard1", alive: false, Cancel.Soon);
        test.ResumeShard("shard1");
        await test.WaitForShardAsync(cluster, "shard1", alive: true, Cancel.Soon);

        // Slow as it was, this would end with the timeout of a command.
        await (await cluster.ConnectAsync(Views.KeyOf(cluster.View.Ring, "shard1"), cancellationToken: Cancel.Soon)).Database.PingAsync();
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_shard_that_is_waited_for_can_be_used_at_once_by_every_kind_of_call()
    {
        await using var test = await StartAsync(shards: 2);
        await using var cluster = await test.ConnectAsync(Cancel.Soon);
        var cache = new VersionedCache(cluster);
        var key = Views.KeyOf(cluster.View.Ring, "shard1");
        for (var round = 0; round < 3; round++)
        {
            await test.KillShardAsync("shard1");
            await test.WaitForShardAsync(cluster, "shard1", alive: false, Cancel.Soon);
            await test.RestartShardAsync("shard1");
            await test.WaitForShardAsync(cluster, "shard1", alive: true, Cancel.Soon);

            await cluster.GetDatabase(RoutePolicy.OwnerOnly).StringSetAsync($"plain:{key}", round, flags: CommandFlags.CommandRetryNever);
            await cache.SetAsync(key, round, cancellationToken: Cancel.Soon);
            Assert.Equal(round, (await cache.GetAsync<int>(key, cancellationToken: Cancel.Soon)).Value);
        }
    }

    [Fact]
    public async Task While_ZooKeeper_is_stopped_clients_serve_and_learn_nothing_and_keep_their_sessions()
    {
        await using var test = await StartAsync(shards: 2);
        await using var cluster = await test.ConnectAsync(Cancel.Soon);
        var session = cluster.Session.SessionId;
        await test.StopZooKeeperAsync();
        await test.WaitForZooKeeperAsync(cluster, connected: false, Cancel.Soon);
        await cluster.GetDatabase().StringSetAsync(Views.KeyOf(cluster.View.Ring, "shard2"), "served");
        await test.KillShardAsync("shard1");
        Assert.True(cluster.ViewAge > TimeSpan.Zero);
        Assert.True(Views.AllAlive(cluster.View));

        await test.StartZooKeeperAsync();
        await test.WaitForZooKeeperAsync(cluster, connected: true, Cancel.Soon);
        await test.WaitForShardAsync(cluster, "shard1", alive: false, Cancel.Soon);
        Assert.Equal(session, cluster.Session.SessionId);
        await test.StartZooKeeperAsync();
        Assert.Equal(SessionState.Connected, cluster.Session.State);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task While_ZooKeeper_is_cut_off_sessions_end_and_all_come_back_with_new_ones()
    {
        await using var test = await StartAsync(shards: 1, session: TimeSpan.FromMilliseconds(600));
        await using var cluster = await test.ConnectAsync(Cancel.Soon);
        var session = cluster.Session.SessionId;
        await test.CutOffZooKeeperAsync();
        await foreach (var state in cluster.Client!.WatchSessionAsync(Cancel.Soon))
        {
            if (state.State is SessionState.Lost or SessionState.Connecting)
            {
                break;
            }
        }

        test.ReconnectZooKeeper();
        await test.WaitForZooKeeperAsync(cluster, connected: true, Cancel.Soon);
        Assert.NotEqual(session, cluster.Session.SessionId);
        await test.KillShardAsync("shard1");
        await test.WaitForShardAsync(cluster, "shard1", alive: false, Cancel.Soon);
    }

    [Fact]
    public async Task ZooKeeper_can_hang_for_one_client_which_then_lags_behind_the_others()
    {
        await using var test = await StartAsync(shards: 2);
        await using var ahead = await test.ConnectAsync(Cancel.Soon);
        await using var behind = await test.ConnectAsync(Cancel.Soon);
        await test.HangZooKeeperAsync(behind);
        await test.KillShardAsync("shard1");
        await test.WaitForShardAsync(ahead, "shard1", alive: false, Cancel.Soon);
        Assert.True(Views.AllAlive(behind.View));

        await test.ResumeZooKeeperAsync();
        await test.WaitForShardAsync(behind, "shard1", alive: false, Cancel.Soon);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task While_ZooKeeper_hangs_clients_notice_and_a_cluster_can_be_disposed_of()
    {
        await using var test = await StartAsync(shards: 1, session: TimeSpan.FromMilliseconds(600));
        await using var cluster = await test.ConnectAsync(Cancel.Soon);
        await test.HangZooKeeperAsync();
        await test.WaitForZooKeeperAsync(cluster, connected: false, Cancel.Soon);
        await test.ResumeZooKeeperAsync();
        await test.WaitForZooKeeperAsync(cluster, connected: true, Cancel.Soon);
        await test.HangZooKeeperAsync();
    }

    [Fact]
    public async Task Sessions_can_be_ended_of_a_client_of_a_checker_and_of_all()
    {
        await using var test = await StartAsync(shards: 2);
        await using var cluster = await test.ConnectAsync(Cancel.Soon);
        var session = cluster.Session.SessionId;
        await test.ExpireSessionAsync(cluster);
        await WaitForNewSessionAsync(cluster, session);

        var leading = test.Checkers[0].Session.SessionId;
        await test.ExpireCheckerSessionAsync(0);
        Assert.DoesNotContain(leading, test.ZooKeeper.Sessions);

        session = cluster.Session.SessionId;
        await test.ExpireSessionsAsync();
        await WaitForNewSessionAsync(cluster, session);
        await test.KillShardAsync("shard1");
        await test.WaitForShardAsync(cluster, "shard1", alive: false, Cancel.Soon);
    }

    [Fact]
    public async Task A_wait_that_takes_too_long_fails_and_tells_what_the_client_knows()
    {
        await using var test = await RingKeeperTestCluster.StartAsync(new RingKeeperTestClusterOptions { ShardCount = 1, CheckerCount = 1, WaitTimeout = TimeSpan.FromMilliseconds(50) });
        await using var cluster = await test.ConnectAsync(Cancel.Soon);
        var forShard = await Assert.ThrowsAsync<RingKeeperException>(() => test.WaitForShardAsync(cluster, "shard1", alive: false, Cancel.Soon));
        Assert.Contains($"it knows: shard1 at {test.AddressOf("shard1")}: alive", forShard.Message, StringComparison.Ordinal);
        var forZooKeeper = await Assert.ThrowsAsync<RingKeeperException>(() => test.WaitForZooKeeperAsync(cluster, connected: false, Cancel.Soon));
        Assert.Contains("it is Connected", forZooKeeper.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.WaitForShardAsync(cluster, "shard1", alive: false, new CancellationToken(canceled: true)));
        await Assert.ThrowsAsync<ArgumentException>(() => test.WaitForShardAsync(cluster, "shard9", alive: false, Cancel.Soon));
    }

    [Fact]
    public async Task An_application_with_settings_of_other_servers_is_pointed_at_the_cluster()
    {
        await using var test = await StartAsync(shards: 1);
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddRingKeeper(options =>
        {
            (options.ZKServers, options.ClusterName, options.DigestCredentials) = ("zk1:2181", "orders", "orders:secret");
            (options.Redis, options.SnapshotFile) = ("user=app,password=secret,ssl=true", "/nowhere/orders.json");
            (options.ZKTls.TrustedRootsFile, options.ZKSasl.User, options.ZKSasl.Password) = ("/nowhere/ca.pem", "orders", "secret");
        }).AddChecker();
        builder.Services.Configure<RingKeeperOptions>(test.Configure);
        using var app = builder.Build();
        await app.StartAsync(Cancel.Soon);
        var cluster = app.Services.GetRequiredService<ZKCluster>();
        await cluster.GetDatabase().StringSetAsync("order:1000", "paid");
        Assert.Equal(test.Name, cluster.Name);
        await app.StopAsync(Cancel.Soon);
    }

    private static Task<RingKeeperTestCluster> StartAsync(int shards = 3, TimeSpan? session = null) => RingKeeperTestCluster.StartAsync(new RingKeeperTestClusterOptions
    {
        ShardCount = shards,
        Interval = TimeSpan.FromMilliseconds(50),
        SessionTimeout = session ?? TimeSpan.FromSeconds(2),
    });

    private static async Task WaitForNewSessionAsync(ZKCluster cluster, long old)
    {
        await foreach (var state in cluster.Client!.WatchSessionAsync(Cancel.Soon))
        {
            if (state.State == SessionState.Connected && state.SessionId != old)
            {
                return;
            }
        }
    }

    private static async Task<TimeSpan> MeasureAsync(Task operation)
    {
        var start = Stopwatch.GetTimestamp();
        await operation;
        return Stopwatch.GetElapsedTime(start);
    }
}
