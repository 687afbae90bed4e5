using System.Diagnostics;
using RingKeeper.IntegrationTests.Servers;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Health;

public sealed class LocalCheckerTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_killed_server_is_dead_long_before_the_threshold_and_returns_by_itself()
    {
        await using var server = await RedisServer.StartAsync();
        await using var checker = new LocalChecker(Options(interval: 200, threshold: 10_000));
        await using var feed = checker.WatchAsync().GetAsyncEnumerator();
        checker.SetShards([new("a", server.Addr)]);
        Assert.True((await NextAsync(feed)).Alive);
        var clock = Stopwatch.StartNew();

        await server.KillAsync();

        var death = await NextAsync(feed);
        Assert.False(death.Alive);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"It took {clock.Elapsed}.");
        await server.RestartAsync();
        var back = await NextAsync(feed);
        Assert.True(back.Alive);
        Assert.True(back.Since > death.Since);
    }

    [Fact]
    public async Task A_hung_server_is_dead_after_the_threshold_while_another_stays_alive_with_one_worker()
    {
        await using var hung = await RedisServer.StartAsync();
        await using var well = await RedisServer.StartAsync();
        await using var checker = new LocalChecker(Options(interval: 100, threshold: 1000) with { WorkerCount = 1 });
        await using var feed = checker.WatchAsync().GetAsyncEnumerator();
        checker.SetShards([new("hung", hung.Addr), new("well", well.Addr)]);
        Assert.True((await NextAsync(feed)).Alive);
        Assert.True((await NextAsync(feed)).Alive);
        hung.Pause();
        try
        {
            var death = await NextAsync(feed);
            Assert.Equal((hung.Addr, false), (death.Addr, death.Alive));
            Assert.True(checker.Statuses[well.Addr].Alive);
            await well.KillAsync();
            Assert.Equal(well.Addr, (await NextAsync(feed)).Addr);
        }
        finally
        {
            hung.Resume();
        }

        Assert.Equal((hung.Addr, true), await NextAsync(feed) is var back ? (back.Addr, back.Alive) : default);
    }

    [Fact]
    public async Task A_server_that_refuses_the_password_has_no_verdict_until_it_takes_it()
    {
        await using var server = await RedisServer.StartAsync(["--requirepass", "right"]);
        var password = "wrong";
        await using var checker = new LocalChecker(Options(interval: 50, threshold: 10_000) with { ConfigureRedis = options => options.Password = Volatile.Read(ref password) });
        checker.SetShards([new("a", server.Addr)]);
        await using var feed = checker.WatchAsync().GetAsyncEnumerator();
        var first = NextAsync(feed);
        Assert.Empty(checker.Statuses);

        Volatile.Write(ref password, "right");

        Assert.True((await first).Alive);
    }

    [Fact]
    public async Task A_restart_between_two_probes_shows_as_another_run_that_began_later()
    {
        await using var server = await RedisServer.StartAsync();

        // So seldom that only the connection's end can tell in time; the refusals of a server that starts slowly may kill it meanwhile.
        await using var checker = new LocalChecker(Options(interval: 60_000, threshold: 120_000) with { FlapPolicy = FlapPolicy.Off });
        await using var feed = checker.WatchAsync().GetAsyncEnumerator();
        checker.SetShards([new("a", server.Addr)]);
        var before = await NextAsync(feed);
        Assert.NotNull(before.RunId);

        await server.RestartAsync();

        var after = await NextAsync(feed);
        while (!after.Alive)
        {
            after = await NextAsync(feed);
        }

        Assert.NotEqual(before.RunId, after.RunId);
        Assert.True(after.Since > before.Since);
        Assert.Equal(after.RunId, checker.Observe(server.Addr)!.RunId);
    }

    [Fact]
    public async Task A_change_of_role_is_noticed_without_a_missed_probe()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{server.Addr},allowAdmin=true");
        await using var checker = new LocalChecker(Options(interval: 100, threshold: 60_000));
        await using var feed = checker.WatchAsync().GetAsyncEnumerator();
        checker.SetShards([new("a", server.Addr)]);
        var before = await NextAsync(feed);

        await redis.GetDatabase().ExecuteAsync("REPLICAOF", "127.0.0.1", "1");

        var after = await NextAsync(feed);
        Assert.Equal((true, "slave", before.RunId), (after.Alive, after.Role, after.RunId));
        Assert.True(after.Since > before.Since);
    }

    [Fact]
    [Trait("Run", "Alone")]
    public async Task A_server_that_is_started_again_is_alive_within_a_third_of_a_second_without_damping()
    {
        await using var server = await RedisServer.StartAsync();
        await using var checker = new LocalChecker(Options(interval: 1000, threshold: 2000) with { FlapPolicy = FlapPolicy.Off });
        await using var feed = checker.WatchAsync().GetAsyncEnumerator();
        checker.SetShards([new("a", server.Addr)]);
        await NextAsync(feed);
        await server.KillAsync();
        Assert.False((await NextAsync(feed)).Alive);

        await server.RestartAsync();

        // RestartAsync returns when the server answers, at the earliest as soon as it listens.
        var clock = Stopwatch.StartNew();
        Assert.True((await NextAsync(feed)).Alive);
        Assert.True(clock.Elapsed < TimeSpan.FromMilliseconds(333), $"It took {clock.Elapsed}.");
    }

    [Fact]
    public async Task A_server_that_loads_its_data_is_dead_at_once_and_returns_when_it_has()
    {
        await using var server = await RedisServer.StartAsync(["--key-load-delay", "20000", "--loading-process-events-interval-bytes", "1024"]);
        await using (var redis = await ConnectionMultiplexer.ConnectAsync($"{server.Addr},allowAdmin=true"))
        {
            var values = Enumerable.Range(0, 100).Select(i => KeyValuePair.Create((RedisKey)$"k{i}", (RedisValue)new byte[4096])).ToArray();
            await redis.GetDatabase().StringSetAsync(values);
            await redis.GetDatabase().ExecuteAsync("SAVE");
        }

        await server.RestartAsync();
        await using var checker = new LocalChecker(Options(interval: 1000, threshold: 60_000) with { FlapPolicy = FlapPolicy.Off });
        await using var feed = checker.WatchAsync().GetAsyncEnumerator();
        checker.SetShards([new("a", server.Addr)]);

        var loading = await NextAsync(feed);
        Assert.Equal((false, ProbeOutcome.Unready), (loading.Alive, checker.Observations[server.Addr].Error));
        Assert.True((await NextAsync(feed)).Alive);
    }

    private static LocalCheckerOptions Options(int interval, int threshold) => new()
    {
        Interval = TimeSpan.FromMilliseconds(interval),
        Threshold = TimeSpan.FromMilliseconds(threshold),
    };

    private static async Task<ShardStatus> NextAsync(IAsyncEnumerator<ShardStatus> feed)
    {
        Assert.True(await feed.MoveNextAsync().AsTask().WaitAsync(Soon));
        return feed.Current;
    }
}
