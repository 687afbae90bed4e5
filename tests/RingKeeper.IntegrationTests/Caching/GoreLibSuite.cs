using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>A cache that Go programs share: what was seen of the Go package, one fact a test, and what RingKeeper promises on top. The same on each server.</summary>
public abstract partial class GoreLibSuite : IAsyncLifetime
{
    private const string Key = "\"k\"";
    private const long Now = GoreLibScene.Now;
    private const long Tolerance = GoreLibScene.Tolerance;

    private IAsyncDisposable? _server;

    internal GoreLibScene Scene { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        (_server, var addr) = await StartServerAsync();
        Scene = await GoreLibScene.StartAsync(addr);
    }

    public async ValueTask DisposeAsync()
    {
        if (Scene is not null)
        {
            await Scene.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    private protected abstract Task<(IAsyncDisposable Server, string Addr)> StartServerAsync();

    [Fact]
    public async Task A_Go_program_reads_what_we_write()
    {
        var cache = Scene.Cache();

        await cache.SetAsync("a<é>", new Order("x&y", [1, 2]));
        await cache.SetAsync(GoCacheKey.Of(5), "text\u2028");
        await cache.SetAsync("raw"u8.ToArray(), "bytes"u8.ToArray());

        Assert.Equal(("""{"Name":"x\u0026y","Items":[1,2]}""", Now), await Scene.Go.GetAsync("\"a\\u003cé\\u003e\"", Scene.Since));
        Assert.Equal(("\"text\\u2028\"", Now), await Scene.Go.GetAsync("5", Scene.Since));
        Assert.Equal(("bytes", Now), await Scene.Go.GetAsync("raw", Scene.Since));
    }

    [Fact]
    public async Task We_read_what_a_Go_program_writes()
    {
        await Scene.Go.SetAsync(Key, """{"Name":"a","Items":null}""", Now);
        await Scene.Go.SetAsync("5", "\"\\u003c\\ufffd\"", Now);
        await Scene.Go.SetAsync("raw", new byte[] { 0, 255 }, Now);
        var cache = Scene.Cache();

        var order = await cache.GetAsync<Order>("k");
        Assert.Equal((true, new Order("a", null)), (order.IsHit, order.Value));
        Assert.Equal("<\ufffd", (await cache.GetAsync<string>(GoCacheKey.Of(5))).Value);
        Assert.Equal([0, 255], (await cache.GetAsync<byte[]>("raw"u8.ToArray())).Value);
        Assert.False((await cache.GetAsync<string>("none")).IsHit);
    }

    [Fact]
    public async Task A_copy_is_valid_only_above_the_epoch_and_the_tolerance()
    {
        var format = Scene.Format();
        foreach (var (score, state) in new[] { ("0", CopyState.Stale), ("-5", CopyState.Stale), ($"{Scene.Since + Tolerance}", CopyState.Stale), ($"{Scene.Since + Tolerance}.5", CopyState.Valid), ($"{Scene.Since + Tolerance + 1}", CopyState.Valid) })
        {
            await Scene.Database.KeyDeleteAsync(Key);
            await Scene.Database.ExecuteAsync("ZADD", Key, score, "v");

            var copy = await format.ReadAsync(Scene.Route(), Key);
            Assert.Equal((score, state), (score, copy.State));
        }

        Scene.ReadsAreMisses = true;
        Assert.Equal(CopyState.Stale, (await format.ReadAsync(Scene.Route(), Key)).State);
    }

    [Fact]
    public async Task Of_a_single_server_every_serial_above_zero_is_valid_as_in_Go()
    {
        var format = Scene.Format();
        var route = new ShardRoute(Scene.Database, new Shard("a", "a"), 0);
        await Scene.Go.SetAsync(Key, "v", 1);
        Assert.Equal(CopyState.Valid, (await format.ReadAsync(route, Key)).State);

        await Scene.Database.KeyDeleteAsync(Key);
        await Scene.Go.SetAsync(Key, "v", 0);
        Assert.Equal(CopyState.Stale, (await format.ReadAsync(route, Key)).State);
    }

    [Fact]
    public async Task The_newest_member_is_the_value_and_of_equal_serials_the_greatest()
    {
        await Scene.Go.SetAsync(Key, "\"old\"", Now - 2);
        await Scene.Go.SetAsync(Key, "\"a\"", Now);
        await Scene.Go.SetAsync(Key, "\"b\"", Now);
        await Scene.Go.SetAsync(Key, "\"B\"", Now);

        Assert.Equal("b", (await Scene.Cache().GetAsync<string>("k")).Value);

        // What is removed makes an older one visible.
        await Scene.Database.SortedSetRemoveAsync(Key, ["\"b\"", "\"B\"", "\"a\""]);
        Assert.Equal("old", (await Scene.Cache().GetAsync<string>("k")).Value);
    }

    [Fact]
    public async Task Ten_versions_are_kept_and_an_equal_value_moves()
    {
        var cache = Scene.Cache();
        for (var i = 0; i < 15; i++)
        {
            await cache.SetAsync("k", i);
        }

        var kept = await Scene.Database.SortedSetRangeByRankWithScoresAsync(Key);
        Assert.Equal(Enumerable.Range(5, 10).Select(i => ($"{i}", (double)(Now + i))), kept.Select(e => ((string)e.Element!, e.Score)));

        await cache.SetAsync("k", 7);
        kept = await Scene.Database.SortedSetRangeByRankWithScoresAsync(Key);
        Assert.Equal(10, kept.Length);
        Assert.Equal(("7", (double)(Now + 15)), ((string)kept[^1].Element!, kept[^1].Score));
    }

    [Fact]
    public async Task Serials_rise_though_the_clocks_of_two_writers_differ_by_less_than_the_tolerance()
    {
        var ahead = Scene.Cache(GoreLibScene.Clock(Now + Tolerance - 1));
        var behind = Scene.Cache(GoreLibScene.Clock());
        var last = 0L;
        for (var i = 0; i < 6; i++)
        {
            var token = await (i % 2 == 0 ? ahead : behind).SetAsync("k", i);

            var read = await behind.GetAsync<int>("k");
            Assert.Equal((i, token), (read.Value, read.Token));
            Assert.True(token.Version > last, $"{token.Version} follows {last}.");
            last = token.Version;
            Assert.Equal(($"{i}", last), await Scene.Go.GetAsync(Key, 0));
        }
    }

    [Fact]
    public async Task A_write_is_valid_at_once_though_the_epoch_is_ahead_of_the_clock()
    {
        Scene.Since = Now + 5_000_000;
        var cache = Scene.Cache();

        await cache.SetAsync("k", 1);
        var second = await cache.SetAsync("k", 2);

        Assert.Equal(2, (await cache.GetAsync<int>("k")).Value);
        Assert.Equal(Scene.Since + Tolerance + 2, second.Version);
    }

    [Fact]
    public async Task A_serial_that_no_clock_within_the_tolerance_explains_refuses_a_write_as_in_Go()
    {
        await Scene.Go.SetAsync(Key, "future", Now + (2 * Tolerance));
        Assert.Equal(WriteOutcome.Done, (await WriteAsync(Scene.Format(), "\"mine\"")).Outcome);

        await Scene.Go.SetAsync(Key, "future", Now + (2 * Tolerance) + 2);
        var log = new Lines();
        Assert.Equal(WriteOutcome.StaleView, (await WriteAsync(Scene.Format(log: log), "refused")).Outcome);
        Assert.Equal(WriteOutcome.StaleView, (await CheckAndWriteAsync(Scene.Format(), new CacheToken("shard", 0, Now + (2 * Tolerance) + 2, 0), "refused")).Outcome);
        Assert.False(await Scene.Go.SetAsync(Key, "refused", Now));

        Assert.Equal(("future", Now + (2 * Tolerance) + 2), await Scene.Go.GetAsync(Key, 0));
        Assert.Contains(log.Of(4023), line => line.Contains("500 ms", StringComparison.Ordinal));
        await Assert.ThrowsAsync<StaleViewException>(async () => await Scene.Cache().SetAsync("k", 1));
    }

    [Fact]
    public async Task A_write_that_was_held_up_is_tried_again_by_the_clock_of_then()
    {
        await Scene.Go.SetAsync(Key, "newer", Now + 5_000_000);
        var clock = new JumpingClock(Now, Now + 6_000_000);

        var result = await WriteAsync(Scene.Format(clock), "late");

        Assert.Equal((WriteOutcome.Done, Now + 6_000_000), (result.Outcome, result.Token.Version));
    }

    [Theory]
    [InlineData(1_500, 1_500)]
    [InlineData(500, 500)]
    [InlineData(999, 999)]
    [InlineData(60_000, 60_000)]
    [InlineData(2_500.4, 2_501)]
    public async Task A_fractional_expiry_is_kept_and_leaves_no_value_without_one(double milliseconds, int most)
    {
        await Scene.Cache().SetAsync("k", "v", CacheExpiry.After(TimeSpan.FromMilliseconds(milliseconds)));

        // Gone meanwhile on a slow machine is kept as well; without an expiry it would be there for ever.
        if (await Scene.Database.KeyExistsAsync(Key) && await Scene.TtlAsync(Key) is var ttl)
        {
            Assert.InRange(ttl?.TotalMilliseconds ?? (await Scene.Database.KeyExistsAsync(Key) ? double.MaxValue : 0), 0, most);
        }
    }

    [Fact]
    public async Task A_copy_without_an_end_outlives_the_one_that_had_one()
    {
        var cache = Scene.Cache();
        await cache.SetAsync("k", "v");
        Assert.NotNull(await Scene.TtlAsync(Key));

        await cache.SetAsync("k", "w", default(CacheExpiry));

        Assert.Null(await Scene.TtlAsync(Key));
        Assert.Equal("w", (await cache.GetAsync<string>("k")).Value);
    }

    [Fact]
    public async Task A_sliding_expiry_is_refused_and_nothing_is_written()
    {
        var e = await Assert.ThrowsAsync<RingKeeperException>(async () => await Scene.Cache().SetAsync("k", "v", CacheExpiry.SlidingBy(TimeSpan.FromMinutes(1))));

        Assert.Contains("sliding", e.Message, StringComparison.Ordinal);
        Assert.False(await Scene.Database.KeyExistsAsync(Key));
    }

    [Fact]
    public async Task A_removal_is_a_removal_for_both()
    {
        var cache = Scene.Cache();
        await cache.SetAsync("k", "v");

        Assert.True(await cache.RemoveAsync("k"));
        Assert.False(await cache.RemoveAsync("k"));
        Assert.Null(await Scene.Go.GetAsync(Key, 0));
    }

    [Fact]
    public async Task Many_keys_are_read_at_once_each_judged_by_itself()
    {
        await Scene.Go.SetAsync("a", "1", Now);
        await Scene.Go.SetAsync("b", "2", Scene.Since);
        await Scene.Database.StringSetAsync("c", "no cache wrote this");
        var route = Scene.Route();

        var copies = await Scene.Format().ReadManyAsync([route, route, route, route], ["a", "b", "c", "d"]);

        Assert.Equal([CopyState.Valid, CopyState.Stale, CopyState.Foreign, CopyState.Absent], copies.Select(c => c.State));
        Assert.Equal("1", System.Text.Encoding.UTF8.GetString(copies[0].Payload.Span));
    }

    private ValueTask<WriteResult> WriteAsync(GoreLibFormat format, string value, string key = Key) =>
        format.WriteAsync(Scene.Route(), key, System.Text.Encoding.UTF8.GetBytes(value), CacheExpiry.After(TimeSpan.FromMinutes(1)));

    private ValueTask<WriteResult> CheckAndWriteAsync(GoreLibFormat format, CacheToken token, string value) =>
        format.CheckAndWriteAsync(Scene.Route(), Key, System.Text.Encoding.UTF8.GetBytes(value), CacheExpiry.After(TimeSpan.FromMinutes(1)), token);

    private sealed record Order(string Name, int[]? Items)
    {
        public bool Equals(Order? other) => other is not null && Name == other.Name && (Items ?? []).SequenceEqual(other.Items ?? []);

        public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
    }

    /// <summary>Tells one time when first asked, and another after that.</summary>
    private sealed class JumpingClock(long first, long then) : TimeProvider
    {
        private int _asked;

        // The second is that of the comparison with the shard's clock.
        public override DateTimeOffset GetUtcNow() => GoreLibScene.At(Interlocked.Increment(ref _asked) <= 2 ? first : then);
    }
}
