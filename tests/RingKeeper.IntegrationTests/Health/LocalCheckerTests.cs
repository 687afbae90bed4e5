using System.Diagnostics;
using RingKeeper.IntegrationTests.Servers;
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
