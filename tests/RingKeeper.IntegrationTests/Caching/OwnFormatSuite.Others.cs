using System.Text;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>What others wrote under the cache's keys, and writers with newer views.</summary>
public abstract partial class OwnFormatSuite
{
    private const int ForeignCopy = 4001;

    [Fact]
    public async Task A_value_of_the_other_format_is_a_miss_told_once_and_is_written_over()
    {
        var log = new LogWatch();
        var cache = CacheWith(options => options with { Logger = log });
        await Database.SortedSetAddAsync(Key, [new("1", 1_795_361_500_939_340), new("2", 1_795_361_500_939_341)]);

        Assert.False((await cache.GetAsync<string>(Key)).IsHit);
        Assert.False((await cache.GetAsync<string>(Key)).IsHit);
        Assert.Equal((2L, 2L), (cache.Counters.ForeignMisses, cache.Counters.Misses));
        await log.WhenAsync(ForeignCopy);
        Assert.Equal(1, log.Count(ForeignCopy));

        await cache.SetAsync(Key, "a", CacheExpiry.After(TimeSpan.FromMinutes(1)));
        Assert.Equal("a", (await cache.GetAsync<string>(Key)).Value);
        Assert.NotNull(await Database.KeyTimeToLiveAsync(Key));
        await Database.SortedSetAddAsync("second", "1", 1_795_361_500_939_340);
        Assert.True((await cache.CheckAndSetAsync("second", "b", CacheToken.None)).IsSet);
        await Database.SortedSetAddAsync("third", "1", 1_795_361_500_939_340);
        Assert.False(await cache.RemoveAsync("third"));
        Assert.False(await Database.KeyExistsAsync("third"));
        await Database.SortedSetAddAsync("fourth", "1", 1_795_361_500_939_340);
        Assert.Equal("made", await cache.GetOrCreateAsync("fourth", static _ => ValueTask.FromResult("made")));
        Assert.Equal("made", (await cache.GetAsync<string>("fourth")).Value);
    }

    [Theory]
    [InlineData("string")]
    [InlineData("empty")]
    [InlineData("hash")]
    [InlineData("scores")]
    [InlineData("large")]
    public async Task What_no_cache_wrote_is_left_alone_with_an_error_that_says_so(string what)
    {
        var token = await Cache.SetAsync(Key, "removed by that program");
        await Database.KeyDeleteAsync(Key);
        await (what switch
        {
            "string" => Database.StringSetAsync(Key, "the record of another program"),
            "empty" => Database.StringSetAsync(Key, ""),
            "hash" => Database.HashSetAsync(Key, "field", "value"),
            "scores" => Database.SortedSetAddAsync(Key, "player", 12),
            _ => (Task)Database.SortedSetAddAsync(Key, [.. Enumerable.Range(0, 11).Select(static i => new SortedSetEntry($"{i}", 1_795_361_500_939_340 + i))]),
        });
        var type = await Database.KeyTypeAsync(Key);

        Assert.False((await Cache.GetAsync<string>(Key)).IsHit);
        foreach (Func<Task> write in new Func<Task>[]
        {
            async () => await Cache.SetAsync(Key, "mine"),
            async () => await Cache.CheckAndSetAsync(Key, "mine", CacheToken.None),
            async () => await Cache.CheckAndSetAsync(Key, "mine", token),
            async () => await Cache.RemoveAsync(Key),
            async () => await Cache.GetOrCreateAsync(Key, static _ => ValueTask.FromResult("mine")),
        })
        {
            Assert.Contains("written by no cache", (await Assert.ThrowsAsync<RingKeeperException>(write)).Message, StringComparison.Ordinal);
        }

        Assert.Equal(type, await Database.KeyTypeAsync(Key));
    }

    [Fact]
    public async Task A_writer_whose_view_is_behind_waits_for_a_newer_one_and_tries_again()
    {
        await Cache.SetAsync(Key, "newer");
        Connector.Turn(90);
        var lookups = Connector.Lookups;
        var writing = Cache.SetAsync(Key, "mine").AsTask();
        await Connector.WhenLookedUpAsync(lookups + 1);
        Connector.Turn(95);
        await Connector.WhenLookedUpAsync(lookups + 2);
        Assert.False(writing.IsCompleted);
        Connector.Turn(100);

        await writing.WaitAsync(Cancel.Soon);
        Assert.Equal("mine", (await Cache.GetAsync<string>(Key)).Value);
    }

    [Fact]
    public async Task A_removal_whose_view_is_behind_waits_for_a_newer_one_and_tries_again()
    {
        var mark = new byte[CopyHeader.ShortLength];
        new CopyHeader(CopyKind.Tombstone, 100, 1, 1).WriteTo(mark);
        await Database.StringSetAsync(Key, mark);
        Connector.Turn(90);
        var lookups = Connector.Lookups;
        var removing = Cache.RemoveAsync(Key).AsTask();
        await Connector.WhenLookedUpAsync(lookups + 1);
        Connector.Turn(95);
        await Connector.WhenLookedUpAsync(lookups + 2);
        Assert.False(removing.IsCompleted);
        Assert.True(await Database.KeyExistsAsync(Key));
        Connector.Turn(100);

        Assert.False(await removing.WaitAsync(Cancel.Soon));
        Assert.False(await Database.KeyExistsAsync(Key));

        await Database.StringSetAsync(Key, mark);
        Connector.Turn(90);
        var hasty = CacheWith(static options => options with { NewerViewTimeout = TimeSpan.Zero });
        await Assert.ThrowsAsync<StaleViewException>(async () => await hasty.RemoveAsync(Key));
        var error = await Assert.ThrowsAsync<SomeKeysFailedException>(() => hasty.RemoveManyAsync([Key, "absent"]));
        Assert.IsType<StaleViewException>(Assert.Single(error.Failures).Value);
        Assert.True(await Database.KeyExistsAsync(Key));
    }

    [Fact]
    public async Task A_writer_that_waits_in_vain_is_told_that_its_view_is_stale()
    {
        await Cache.SetAsync(Key, "newer");
        Connector.Turn(99);
        var writing = Cache.CheckAndSetAsync(Key, "mine", (await Cache.GetAsync<string>(Key)).Token).AsTask();
        await Time.WhenTimerAsync();
        Time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(writing.IsCompleted);
        Time.Advance(TimeSpan.FromMilliseconds(1));

        await Assert.ThrowsAsync<StaleViewException>(() => writing.WaitAsync(Cancel.Soon));
        Assert.Equal("newer", (await Cache.GetAsync<string>(Key)).Value);
        var hasty = CacheWith(static options => options with { NewerViewTimeout = TimeSpan.Zero });
        await Assert.ThrowsAsync<StaleViewException>(async () => await hasty.SetAsync(Key, "mine"));
    }
}
