using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>Check-and-set, what others wrote, and clocks.</summary>
public abstract partial class GoreLibSuite
{
    [Fact]
    public async Task Check_and_set_takes_the_token_of_a_read_and_a_Go_program_notices()
    {
        var cache = Scene.Cache();
        await Scene.Go.SetAsync(Key, "1", Now - 5);
        var read = await cache.GetAsync<int>("k");

        var set = await cache.CheckAndSetAsync("k", 2, read.Token);

        Assert.Equal((true, ("2", Now)), (set.IsSet, await Scene.Go.GetAsync(Key, 0)));
        Assert.False((await cache.CheckAndSetAsync("k", 3, read.Token)).IsSet);
        Assert.False(await Scene.Go.CheckAndSetAsync(Key, "3", Now - 5, Now + 1));
        Assert.True(await Scene.Go.CheckAndSetAsync(Key, "4", Now, Now + 1));
        Assert.False((await cache.CheckAndSetAsync("k", 5, set.Token)).IsSet);
        Assert.Equal(4, (await cache.GetAsync<int>("k")).Value);
    }

    [Fact]
    public async Task Check_and_set_on_a_key_that_is_gone_keeps_the_rule_of_Go()
    {
        var cache = Scene.Cache();
        var token = await cache.SetAsync("k", 1);
        await cache.RemoveAsync("k");

        Assert.True((await cache.CheckAndSetAsync("k", 2, token)).IsSet);

        await cache.RemoveAsync("k");
        Assert.True(await Scene.Go.CheckAndSetAsync(Key, "3", 1, Now));
    }

    [Fact]
    public async Task Check_and_set_of_none_succeeds_exactly_where_a_read_would_miss()
    {
        var cache = Scene.Cache();
        Assert.True((await cache.CheckAndSetAsync("k", 1, CacheToken.None)).IsSet);
        Assert.False((await cache.CheckAndSetAsync("k", 2, CacheToken.None)).IsSet);

        await Scene.Database.KeyDeleteAsync(Key);
        await Scene.Go.SetAsync(Key, "8", Scene.Since + Tolerance + 1);
        Assert.False((await cache.CheckAndSetAsync("k", 2, CacheToken.None)).IsSet);

        // The key has been elsewhere meanwhile; Go would refuse until the copy expires.
        await Scene.Database.KeyDeleteAsync(Key);
        await Scene.Go.SetAsync(Key, "8", Scene.Since + Tolerance);
        Assert.True((await cache.CheckAndSetAsync("k", 2, CacheToken.None)).IsSet);
        Assert.Equal(2, (await cache.GetAsync<int>("k")).Value);
    }

    [Fact]
    public async Task A_token_of_another_shard_or_of_an_epoch_that_is_over_finds_another_copy()
    {
        var cache = Scene.Cache();
        var token = await cache.SetAsync("k", 1);

        Scene.ShardAddr = "other";
        Assert.False((await cache.CheckAndSetAsync("k", 2, token)).IsSet);
        Scene.ShardAddr = "shard";
        Scene.Since = Now;
        Assert.False((await cache.CheckAndSetAsync("k", 2, token)).IsSet);
        Scene.Since = Now - Tolerance - 1;
        Assert.True((await cache.CheckAndSetAsync("k", 2, token)).IsSet);
    }

    [Theory]
    [InlineData("SET", "something")]
    [InlineData("SET", "longer than the head of a copy in RingKeeper's own format")]
    [InlineData("SET", "")]
    [InlineData("SET", "\u00f7RK")]
    [InlineData("HSET", "field")]
    [InlineData("RPUSH", "item")]
    public async Task What_no_cache_wrote_is_a_miss_and_left_alone(string command, string content)
    {
        var bytes = System.Text.Encoding.Latin1.GetBytes(content);
        await Scene.Database.ExecuteAsync(command, command == "HSET" ? [Key, bytes, "1"] : [Key, bytes]);
        var before = await Scene.Database.ExecuteAsync("TYPE", Key);
        var cache = Scene.Cache();

        Assert.False((await cache.GetAsync<string>("k")).IsHit);
        Assert.Equal(CopyState.Foreign, (await Scene.Format().ReadAsync(Scene.Route(), Key)).State);
        Assert.Equal(WriteOutcome.Foreign, (await WriteAsync(Scene.Format(), "v")).Outcome);
        Assert.Equal(WriteOutcome.Foreign, (await CheckAndWriteAsync(Scene.Format(), CacheToken.None, "v")).Outcome);
        await Assert.ThrowsAsync<RingKeeperException>(async () => await cache.SetAsync("k", "v"));

        Assert.Equal((string?)before, (string?)await Scene.Database.ExecuteAsync("TYPE", Key));
    }

    [Fact]
    public async Task A_copy_in_the_other_format_is_a_miss_and_replaced_both_ways()
    {
        var go = Scene.Cache();
        var own = Scene.Cache(format: CacheFormat.Own);
        RedisKey raw = System.Text.Encoding.UTF8.GetBytes("both");
        var token = await go.SetAsync(raw, 1);

        Assert.False((await own.GetAsync<int>(raw)).IsHit);
        await own.SetAsync(raw, 2);
        Assert.Equal((false, 2), ((await go.GetAsync<int>(raw)).IsHit, (await own.GetAsync<int>(raw)).Value));

        // It is not the copy that the token names.
        Assert.False((await go.CheckAndSetAsync(raw, 3, token)).IsSet);
        Assert.Equal(2, (await own.GetAsync<int>(raw)).Value);
        Assert.True((await go.CheckAndSetAsync(raw, 3, CacheToken.None)).IsSet);
        await own.SetAsync(raw, 4);
        await go.SetAsync(raw, 5);
        Assert.Equal((5, false), ((await go.GetAsync<int>(raw)).Value, (await own.GetAsync<int>(raw)).IsHit));
        Assert.Equal(("5", Now), await Scene.Go.GetAsync("both", 0));
    }

    [Fact]
    public async Task The_clock_of_a_shard_is_compared_at_first_use_and_once_a_minute_and_told_when_that_changes()
    {
        var log = new Lines();
        var clock = new ServersClock { Shift = TimeSpan.FromSeconds(-30) };
        var clocks = new ShardClocks(clock, log);
        clocks.Look(Scene.Route());
        await clocks.LastOf("shard");
        Assert.Matches("(29|30)\\d{3}\\.\\d ms ahead", Assert.Single(log.Of(4020)));

        // Right again, but it is not looked at so soon.
        clock.Shift = TimeSpan.Zero;
        var first = clocks.LastOf("shard");
        clocks.Look(Scene.Route());
        Assert.Same(first, clocks.LastOf("shard"));
        Assert.Empty(log.Of(4021));

        clock.Elapsed = TimeSpan.FromMinutes(2);
        clocks.Look(Scene.Route());
        await clocks.LastOf("shard");
        Assert.Single(log.Of(4021));
        Assert.Single(log.Of(4020));
        Assert.Empty(log.Of(4022));
    }

    /// <summary>This machine's clock, which the server on it has too, but for a shift.</summary>
    private sealed class ServersClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public TimeSpan Elapsed { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Elapsed.TotalSeconds * TimestampFrequency);
    }

    private sealed class Lines : ILogger
    {
        private readonly ConcurrentQueue<(int Id, string Line)> _lines = new();

        public List<string> Of(int id) => [.. _lines.Where(l => l.Id == id).Select(l => l.Line)];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue((eventId.Id, formatter(state, exception)));
    }
}
