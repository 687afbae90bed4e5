using System.Buffers;
using System.Text;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using RingKeeper.IntegrationTests.Coordination;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>The documented contract of IDistributedCache and IBufferDistributedCache, by every way of calling it; the same on every stack.</summary>
public abstract class DistributedCacheSuite<TStack>(CacheFixture<TStack> fixture) : IClassFixture<CacheFixture<TStack>>
    where TStack : ClusterStack, new()
{
    private static readonly DistributedCacheEntryOptions NoEnd = new();

    private IBufferDistributedCache Cache => fixture.Cache;

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task What_is_set_is_found_until_it_is_removed(Way way)
    {
        var key = NewKey();
        Assert.Null(await GetAsync(way, key));
        await SetAsync(way, key, [1, 2, 3], NoEnd);
        foreach (var other in Enum.GetValues<Way>())
        {
            AssertBytes([1, 2, 3], await GetAsync(other, key));
        }

        await SetAsync(way, key, [4], NoEnd);
        AssertBytes([4], await GetAsync(way, key));
        await RemoveAsync(way, key);
        Assert.Null(await GetAsync(way, key));
        await RemoveAsync(way, key);
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task An_empty_value_is_a_value_and_no_miss(Way way)
    {
        var key = NewKey();
        await SetAsync(way, key, [], NoEnd);

        AssertBytes([], await GetAsync(way, key));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("käse 🧀\n\0")]
    public async Task Any_text_is_a_key(string key)
    {
        foreach (var way in Enum.GetValues<Way>())
        {
            await SetAsync(way, key, [(byte)way], NoEnd);
            AssertBytes([(byte)way], await GetAsync(way, key));
        }
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Every_byte_of_a_large_value_comes_back_in_its_place(Way way)
    {
        var key = NewKey();
        var value = Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7)).ToArray();
        await SetAsync(way, key, value, NoEnd);

        AssertBytes(value, await GetAsync(way, key));
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Without_an_expiration_an_entry_has_no_end(Way way)
    {
        var key = NewKey();
        await SetAsync(way, key, [1], NoEnd);

        Assert.Null(await LifeOfAsync(key));
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_life_relative_to_now_ends_the_entry_and_wins_over_a_point_in_time(Way way)
    {
        var key = NewKey();
        await SetAsync(way, key, [1], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(5), AbsoluteExpiration = Now + TimeSpan.FromHours(9) });
        AssertAbout(TimeSpan.FromMinutes(5), await LifeOfAsync(key));

        await SetAsync(way, key, [1], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMilliseconds(1) });
        await WhenGoneAsync(way, key);
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_point_in_time_ends_the_entry_and_one_that_is_over_is_refused(Way way)
    {
        var key = NewKey();
        await SetAsync(way, key, [1], new() { AbsoluteExpiration = Now + TimeSpan.FromMinutes(7) });
        AssertAbout(TimeSpan.FromMinutes(7), await LifeOfAsync(key));

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => SetAsync(way, key, [2], new() { AbsoluteExpiration = Now - TimeSpan.FromSeconds(1) }));
        AssertBytes([1], await GetAsync(way, key));
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_read_and_a_refresh_prolong_a_sliding_entry(Way way)
    {
        // The window, and the quarter of it in which further reads do not prolong.
        var key = NewKey();
        await SetAsync(way, key, [1], new() { SlidingExpiration = TimeSpan.FromMinutes(10) });
        AssertAbout(TimeSpan.FromMinutes(12.5), await LifeOfAsync(key));

        await ShortenAsync(key);
        AssertBytes([1], await GetAsync(way, key));
        AssertAbout(TimeSpan.FromMinutes(12.5), await LifeOfAsync(key));

        await ShortenAsync(key);
        await RefreshAsync(way, key);
        AssertAbout(TimeSpan.FromMinutes(12.5), await LifeOfAsync(key));
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task No_read_prolongs_an_entry_beyond_its_absolute_end(Way way)
    {
        var key = NewKey();
        await SetAsync(way, key, [1], new() { SlidingExpiration = TimeSpan.FromMinutes(10), AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(3) });
        AssertAbout(TimeSpan.FromMinutes(3), await LifeOfAsync(key));

        await ShortenAsync(key);
        await GetAsync(way, key);
        AssertAbout(TimeSpan.FromMinutes(3), await LifeOfAsync(key));
        await ShortenAsync(key);
        await RefreshAsync(way, key);
        AssertAbout(TimeSpan.FromMinutes(3), await LifeOfAsync(key));
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_refresh_leaves_an_entry_without_a_window_as_it_is_and_makes_none(Way way)
    {
        var key = NewKey();
        await RefreshAsync(way, key);
        Assert.Null(await GetAsync(way, key));

        await SetAsync(way, key, [1], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(3) });
        await RefreshAsync(way, key);
        AssertAbout(TimeSpan.FromMinutes(3), await LifeOfAsync(key));
    }

    [Fact]
    public async Task A_null_is_refused_by_the_name_of_its_argument()
    {
        var value = new ReadOnlySequence<byte>([1]);
        var into = new ArrayBufferWriter<byte>();
        var errors = new[]
        {
            await Record.ExceptionAsync(() => Task.FromResult(Cache.Get(null!))),
            await Record.ExceptionAsync(() => Cache.GetAsync(null!)),
            await Record.ExceptionAsync(() => Task.FromResult(Cache.TryGet(null!, into))),
            await Record.ExceptionAsync(async () => await Cache.TryGetAsync(null!, into)),
            Record.Exception(() => Cache.Set(null!, [1], NoEnd)),
            Record.Exception(() => Cache.Set(null!, value, NoEnd)),
            await Record.ExceptionAsync(() => Cache.SetAsync(null!, [1], NoEnd)),
            await Record.ExceptionAsync(async () => await Cache.SetAsync(null!, value, NoEnd)),
            Record.Exception(() => Cache.Refresh(null!)),
            await Record.ExceptionAsync(() => Cache.RefreshAsync(null!)),
            Record.Exception(() => Cache.Remove(null!)),
            await Record.ExceptionAsync(() => Cache.RemoveAsync(null!)),
        };

        Assert.All(errors, error => Assert.Equal("key", Assert.IsType<ArgumentNullException>(error).ParamName));
        Assert.Equal("value", Assert.Throws<ArgumentNullException>(() => Cache.Set("k", (byte[])null!, NoEnd)).ParamName);
        Assert.Equal("value", (await Assert.ThrowsAsync<ArgumentNullException>(() => Cache.SetAsync("k", null!, NoEnd))).ParamName);
        Assert.Equal("options", Assert.Throws<ArgumentNullException>(() => Cache.Set("k", [1], null!)).ParamName);
        Assert.Equal("options", (await Assert.ThrowsAsync<ArgumentNullException>(() => Cache.SetAsync("k", [1], null!))).ParamName);
    }

    [Fact]
    public async Task A_cancelled_call_does_nothing()
    {
        var key = NewKey();
        var cancelled = new CancellationToken(canceled: true);
        await Cache.SetAsync(key, [1], NoEnd, Cancel.Soon);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Cache.SetAsync(key, [2], NoEnd, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Cache.RemoveAsync(key, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Cache.GetAsync(key, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Cache.RefreshAsync(key, cancelled));
        AssertBytes([1], await Cache.GetAsync(key, Cancel.Soon));
    }

    [Fact]
    public async Task A_value_above_the_limit_is_refused_before_it_is_sent()
    {
        var key = NewKey();
        var error = await Assert.ThrowsAsync<RingKeeperException>(() => Cache.SetAsync(key, new byte[(1024 * 1024) + 1], NoEnd, Cancel.Soon));

        Assert.Contains("MaxValueBytes", error.Message, StringComparison.Ordinal);
        Assert.Null(await Cache.GetAsync(key, Cancel.Soon));
        await Cache.SetAsync(key, new byte[1024 * 1024], NoEnd, Cancel.Soon);
    }

    [Fact]
    public async Task What_no_cache_wrote_is_a_miss_and_is_not_overwritten()
    {
        var key = NewKey();
        await (await fixture.ShardOfAsync(key)).StringSetAsync($"app:{key}", "somebody's");

        Assert.Null(await Cache.GetAsync(key, Cancel.Soon));
        await Assert.ThrowsAsync<RingKeeperException>(() => Cache.SetAsync(key, [1], NoEnd, Cancel.Soon));
        Assert.Equal("somebody's", (string?)await (await fixture.ShardOfAsync(key)).StringGetAsync($"app:{key}"));

        var list = NewKey();
        await (await fixture.ShardOfAsync(list)).ListRightPushAsync($"app:{list}", "x");
        Assert.Null(await Cache.GetAsync(list, Cancel.Soon));
        Assert.Null(Cache.Get(list));
    }

    [Fact]
    public async Task Both_interfaces_and_the_versioned_cache_are_one_cache()
    {
        var key = NewKey();
        Assert.Same(Cache, fixture.Host.Services.GetRequiredService<IDistributedCache>());
        await Cache.SetStringAsync(key, "paid", Cancel.Soon);

        Assert.Equal("paid", (await fixture.Host.Get<VersionedCache>().GetAsync<string>(key, cancellationToken: Cancel.Soon)).Value);
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static string NewKey() => $"key:{Guid.NewGuid():n}";

    private static void AssertBytes(byte[] expected, byte[]? actual) => Assert.True(actual is not null && expected.AsSpan().SequenceEqual(actual), $"Found {(actual is null ? "nothing" : Convert.ToHexString(actual.AsSpan(0, Math.Min(actual.Length, 50))))}.");

    private static void AssertAbout(TimeSpan expected, TimeSpan? life)
    {
        Assert.NotNull(life);
        Assert.InRange(life.Value, expected - TimeSpan.FromSeconds(40), expected + TimeSpan.FromSeconds(1));
    }

    private async Task<byte[]?> GetAsync(Way way, string key)
    {
        var into = new ArrayBufferWriter<byte>();
        return way switch
        {
            Way.Synchronous => Cache.Get(key),
            Way.Asynchronous => await Cache.GetAsync(key, Cancel.Soon),
            Way.SynchronousBuffers => Cache.TryGet(key, into) ? into.WrittenSpan.ToArray() : null,
            _ => await Cache.TryGetAsync(key, into, Cancel.Soon) ? into.WrittenSpan.ToArray() : null,
        };
    }

    private async Task SetAsync(Way way, string key, byte[] value, DistributedCacheEntryOptions options)
    {
        switch (way)
        {
            case Way.Synchronous:
                Cache.Set(key, value, options);
                break;
            case Way.Asynchronous:
                await Cache.SetAsync(key, value, options, Cancel.Soon);
                break;
            case Way.SynchronousBuffers:
                Cache.Set(key, InPieces(value), options);
                break;
            default:
                await Cache.SetAsync(key, InPieces(value), options, Cancel.Soon);
                break;
        }
    }

    private async Task RefreshAsync(Way way, string key)
    {
        if (way is Way.Synchronous or Way.SynchronousBuffers)
        {
            Cache.Refresh(key);
        }
        else
        {
            await Cache.RefreshAsync(key, Cancel.Soon);
        }
    }

    private async Task RemoveAsync(Way way, string key)
    {
        if (way is Way.Synchronous or Way.SynchronousBuffers)
        {
            Cache.Remove(key);
        }
        else
        {
            await Cache.RemoveAsync(key, Cancel.Soon);
        }
    }

    private async Task<TimeSpan?> LifeOfAsync(string key) => await (await fixture.ShardOfAsync(key)).KeyTimeToLiveAsync($"app:{key}");

    private async Task ShortenAsync(string key) => Assert.True(await (await fixture.ShardOfAsync(key)).KeyExpireAsync($"app:{key}", TimeSpan.FromSeconds(60)));

    // Each read waits for the server; the bound is that of the token.
    private async Task WhenGoneAsync(Way way, string key)
    {
        var soon = Cancel.Soon;
        while (await GetAsync(way, key) is not null)
        {
            soon.ThrowIfCancellationRequested();
        }
    }

    private static ReadOnlySequence<byte> InPieces(byte[] value)
    {
        var first = new Piece(value.AsMemory(0, value.Length / 2), null);
        var last = new Piece(value.AsMemory(value.Length / 2), first);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
