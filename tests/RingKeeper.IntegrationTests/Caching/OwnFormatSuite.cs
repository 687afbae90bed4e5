using System.Diagnostics;
using System.Reflection;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>RingKeeper's own format on a server, under epochs that the tests choose; the same on every server.</summary>
public abstract partial class OwnFormatSuite : IAsyncLifetime
{
    private protected const string Key = "k";

    private protected IDatabase Database { get; private set; } = null!;

    private protected SteeredConnector Connector { get; private set; } = null!;

    private protected TimerWatch Time { get; } = new(DateTimeOffset.UnixEpoch.AddYears(56));

    private protected VersionedCache Cache { get; private set; } = null!;

    private protected abstract string Addr { get; }

    public async ValueTask InitializeAsync()
    {
        await StartServerAsync();
        var options = ShardConfiguration.Create(Addr, new ClusterOptions());
        options.AllowAdmin = true;
        Database = (await ConnectionMultiplexer.ConnectAsync(options)).GetDatabase();
        Connector = new SteeredConnector(Database, Time);
        Connector.Turn(100);
        Cache = CacheWith();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Database.Multiplexer.DisposeAsync();
        await StopServerAsync();
    }

    [Fact]
    public async Task Values_of_every_kind_are_read_as_they_were_written()
    {
        await Cache.SetAsync("text", "é€", cancellationToken: Cancel.Soon);
        await Cache.SetAsync("bytes", new byte[] { 0, 255, 10, 13 });
        await Cache.SetAsync("memory", new ReadOnlyMemory<byte>([1, 2]));
        await Cache.SetAsync("number", 42L);
        await Cache.SetAsync("record", new Order(7, ["a", "b"]));
        await Cache.SetAsync<Order?>("null", null);
        await Cache.SetAsync("empty", "");

        Assert.Equal("é€", (await Cache.GetAsync<string>("text")).Value);
        Assert.Equal([0, 255, 10, 13], (await Cache.GetAsync<byte[]>("bytes")).Value!);
        Assert.Equal([1, 2], (await Cache.GetAsync<ReadOnlyMemory<byte>>("memory")).Value.ToArray());
        Assert.Equal(42L, (await Cache.GetAsync<long>("number")).Value);
        Assert.Equal(["a", "b"], (await Cache.GetAsync<Order>("record")).Value!.Lines);
        var none = await Cache.GetAsync<Order?>("null");
        Assert.Equal((true, (Order?)null), (none.IsHit, none.Value));
        Assert.Equal("", (await Cache.GetAsync<string>("empty")).Value);
        Assert.False((await Cache.GetAsync<string>("absent")).IsHit);
        Assert.Equal((7L, 1L), (Cache.Counters.Hits, Cache.Counters.Misses));
    }

    [Fact]
    public async Task A_token_names_one_copy_and_no_other()
    {
        Assert.True((await Cache.CheckAndSetAsync(Key, "a", CacheToken.None)).IsSet);
        Assert.False((await Cache.CheckAndSetAsync(Key, "b", CacheToken.None)).IsSet);
        var read = await Cache.GetAsync<string>(Key);
        var second = await Cache.CheckAndSetAsync(Key, "b", read.Token);
        Assert.True(second.IsSet);
        Assert.False((await Cache.CheckAndSetAsync(Key, "c", read.Token)).IsSet);
        Assert.Equal(second.Token, (await Cache.GetAsync<string>(Key)).Token);

        var set = await Cache.SetAsync(Key, "d");
        Assert.Equal(set, (await Cache.GetAsync<string>(Key)).Token);
        Assert.False((await Cache.CheckAndSetAsync(Key, "e", second.Token)).IsSet);
        Assert.True(await Cache.RemoveAsync(Key));
        Assert.False(await Cache.RemoveAsync(Key));
        Assert.False((await Cache.CheckAndSetAsync(Key, "e", set)).IsSet);
    }

    [Fact]
    public async Task A_copy_of_an_epoch_that_is_over_is_a_miss_and_is_written_over()
    {
        var token = await Cache.SetAsync(Key, "old");
        Connector.Turn(101);

        Assert.False((await Cache.GetAsync<string>(Key)).IsHit);
        Assert.Equal(1, Cache.Counters.StaleMisses);
        Assert.False((await Cache.CheckAndSetAsync(Key, "b", token)).IsSet);
        Assert.False(await Cache.RemoveAsync(Key));
        await Cache.SetAsync(Key, "old");
        Connector.Turn(102);
        Assert.True((await Cache.CheckAndSetAsync(Key, "new", CacheToken.None)).IsSet);
        Assert.Equal("new", (await Cache.GetAsync<string>(Key)).Value);
    }

    [Fact]
    public async Task Reads_are_misses_while_the_route_says_so_and_a_token_is_of_no_use()
    {
        var token = await Cache.SetAsync(Key, "a");
        Connector.ReadsAreMisses = true;

        Assert.False((await Cache.GetAsync<string>(Key)).IsHit);
        Assert.False((await Cache.GetManyAsync<string>([Key]))[0].IsHit);
        Assert.False((await Cache.CheckAndSetAsync(Key, "b", token)).IsSet);
        Assert.False((await Cache.CheckAndSetAsync(Key, "b", CacheToken.None)).IsSet);
        Connector.ReadsAreMisses = false;
        Assert.Equal("a", (await Cache.GetAsync<string>(Key)).Value);
    }

    [Fact]
    public async Task Lives_are_kept_to_the_millisecond_and_impossible_ones_are_refused()
    {
        await Cache.SetAsync(Key, "a", CacheExpiry.After(TimeSpan.FromMilliseconds(50_500)));
        Assert.InRange((await Database.KeyTimeToLiveAsync(Key))!.Value.TotalMilliseconds, 45_000, 50_500);
        await Cache.SetAsync(Key, "a", CacheExpiry.After(TimeSpan.FromTicks((long)(250_000.5 * TimeSpan.TicksPerMillisecond))));
        Assert.InRange((await Database.KeyTimeToLiveAsync(Key))!.Value.TotalMilliseconds, 200_000, 250_001);
        await Cache.SetAsync(Key, "a", default(CacheExpiry));
        Assert.Null(await Database.KeyTimeToLiveAsync(Key));
        await Cache.SetAsync(Key, "a");
        Assert.InRange((await Database.KeyTimeToLiveAsync(Key))!.Value.TotalSeconds, 50, 60);

        foreach (var life in new[] { TimeSpan.Zero, TimeSpan.FromMilliseconds(-1), TimeSpan.FromMicroseconds(999) })
        {
            await Assert.ThrowsAsync<RingKeeperException>(async () => await Cache.SetAsync(Key, "b", CacheExpiry.After(life)));
            await Assert.ThrowsAsync<RingKeeperException>(async () => await Cache.CheckAndSetAsync(Key, "b", default, CacheExpiry.SlidingBy(life)));
            await Assert.ThrowsAsync<RingKeeperException>(async () => await Cache.GetOrCreateAsync(Key, static _ => ValueTask.FromResult("b"), CacheExpiry.After(life)));
            await Assert.ThrowsAsync<RingKeeperException>(() => Cache.SetManyAsync<string>([new(Key, "b")], CacheExpiry.After(life)));
        }

        Assert.Equal("a", (await Cache.GetAsync<string>(Key)).Value);
    }

    [Fact]
    public async Task A_read_prolongs_a_sliding_copy_once_in_a_quarter_of_its_window_up_to_its_end()
    {
        await Cache.SetAsync(Key, "a", new CacheExpiry { Sliding = TimeSpan.FromSeconds(100), Absolute = TimeSpan.FromSeconds(240) });
        Assert.InRange((await LifeAsync()).TotalSeconds, 120, 125);
        await ReadAfterAsync(left: 40, advance: 0, 120, 125);
        await ReadAfterAsync(left: 40, advance: 24, 30, 40);
        await ReadAfterAsync(left: 40, advance: 1, 120, 125);
        await ReadAfterAsync(left: 40, advance: 175, 35, 40);
        await Database.KeyExpireAsync(Key, TimeSpan.FromSeconds(90));
        await Cache.GetManyAsync<string>([Key]);
        Assert.InRange((await LifeAsync()).TotalSeconds, 80, 90);

        async Task ReadAfterAsync(int left, int advance, int least, int most)
        {
            await Database.KeyExpireAsync(Key, TimeSpan.FromSeconds(left));
            Time.Advance(TimeSpan.FromSeconds(advance));
            Assert.Equal("a", (await Cache.GetAsync<string>(Key)).Value);
            Assert.InRange((await LifeAsync()).TotalSeconds, least, most);
        }

        async Task<TimeSpan> LifeAsync() => (await Database.KeyTimeToLiveAsync(Key))!.Value;
    }

    [Fact]
    public async Task A_value_above_the_limit_is_an_error_before_anything_is_sent()
    {
        var cache = CacheWith(static options => options with { MaxValueBytes = 100 });
        await cache.SetAsync(Key, new byte[100]);
        var lookups = Connector.Lookups;

        await Assert.ThrowsAsync<RingKeeperException>(async () => await cache.SetAsync(Key, new byte[101]));
        await Assert.ThrowsAsync<RingKeeperException>(async () => await cache.CheckAndSetAsync(Key, new byte[101], CacheToken.None));
        await Assert.ThrowsAsync<RingKeeperException>(() => cache.SetManyAsync<byte[]>([new("other", new byte[1]), new(Key, new byte[101])]));
        Assert.Equal(lookups, Connector.Lookups);
        Assert.Equal(100, (await cache.GetAsync<byte[]>(Key)).Value!.Length);
    }

    [Fact]
    public async Task Scripts_that_the_server_has_forgotten_are_given_to_it_anew()
    {
        await Cache.SetAsync(Key, "a");
        await Database.Multiplexer.GetServers()[0].ScriptFlushAsync();

        await Cache.SetManyAsync<int>([.. Enumerable.Range(0, 200).Select(static i => KeyValuePair.Create((RedisKey)$"k{i}", i))]);
        await Database.Multiplexer.GetServers()[0].ScriptFlushAsync();
        Assert.True((await Cache.CheckAndSetAsync("none", "b", CacheToken.None)).IsSet);
        Assert.Equal(200, await Cache.RemoveManyAsync([.. Enumerable.Range(0, 200).Select(static i => (RedisKey)$"k{i}")]));
    }

    [Fact]
    public async Task A_prefix_stands_before_every_key_on_the_shard()
    {
        var cache = CacheWith(static options => options with { KeyPrefix = "é:" });
        await cache.SetAsync(Key, "a");
        await cache.SetManyAsync<string>([new("b", "b")]);

        Assert.True(await Database.KeyExistsAsync("é:k"));
        Assert.Equal(["a", "b"], (await cache.GetManyAsync<string>([Key, "b"])).Select(static result => result.Value));
        Assert.Equal(2, await cache.RemoveManyAsync([Key, "b", "c"]));
        Assert.False(await Database.KeyExistsAsync("é:k"));
    }

    // The bytes of the whole process are counted: nothing else may run in it.
    [Fact]
    [Trait("Run", "Alone")]
    public async Task A_hit_allocates_no_more_than_a_plain_get_and_the_value()
    {
        const int Calls = 2000;
        const int DebugStateMachine = 512;

        // In a debug build every asynchronous method allocates its state machine, and a hit is one such method.
        var unoptimized = typeof(VersionedCache).Assembly.GetCustomAttribute<DebuggableAttribute>()?.IsJITOptimizerDisabled ?? false;
        var value = new byte[64];
        await Cache.SetAsync(Key, value);
        await CachedAsync();
        await PlainAsync();

        var (plain, cached) = (long.MaxValue, long.MaxValue);
        for (var round = 0; round < 5; round++)
        {
            plain = Math.Min(plain, await MeasureAsync(PlainAsync));
            cached = Math.Min(cached, await MeasureAsync(CachedAsync));
        }

        Assert.InRange(cached, 0, plain + 64 + 24 + (unoptimized ? DebugStateMachine : 8));

        async Task CachedAsync()
        {
            for (var i = 0; i < Calls; i++)
            {
                await Cache.GetAsync<byte[]>(Key);
            }
        }

        async Task PlainAsync()
        {
            for (var i = 0; i < Calls; i++)
            {
                await Database.StringGetAsync(Key);
            }
        }

        static async Task<long> MeasureAsync(Func<Task> run)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await run();
            return (GC.GetTotalAllocatedBytes(precise: true) - before) / Calls;
        }
    }

    private protected VersionedCache CacheWith(Func<VersionedCacheOptions, VersionedCacheOptions>? change = null)
    {
        var options = new VersionedCacheOptions { TimeProvider = Time };
        return new VersionedCache(Connector, change?.Invoke(options) ?? options, new Nonces(1));
    }

    private protected abstract Task StartServerAsync();

    private protected abstract ValueTask StopServerAsync();

    private protected abstract Task RestartServerAsync();

    private protected sealed record Order(int Id, string[] Lines);
}
