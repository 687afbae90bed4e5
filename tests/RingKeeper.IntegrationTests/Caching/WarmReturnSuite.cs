using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>Misses after a shard's return or arrival, filled from the shard that served their keys until then; the same on every stack.</summary>
public abstract partial class WarmReturnSuite<TStack> : IAsyncLifetime
    where TStack : ClusterStack, new()
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly CacheExpiry Life = CacheExpiry.After(TimeSpan.FromMinutes(10));

    // Of shard1 all of them.
    private readonly string[] _keys = new string[8];

    // Another client that saw the return come.
    private ZKCluster? _other;

    protected TStack Stack { get; } = new();

    private ZKCluster Client { get; set; } = null!;

    private VersionedCache Cache { get; set; } = null!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Stack.DisposeAsync();
    }

    [Fact]
    public async Task The_first_read_after_a_return_is_a_hit_that_is_stored_at_home_under_the_new_epoch()
    {
        await ReturnAsync(Window);
        var heirs = await Task.WhenAll(_keys.Select(HeirOfAsync));

        var first = await Cache.GetAsync<string>(_keys[0], Cancel.Soon);

        Assert.Equal((true, "heir's 0"), (first.IsHit, first.Value));
        Assert.Equal((1L, 1L), (Cache.Counters.Fills, Cache.Counters.Hits));
        var home = (await RouteAsync(_keys[0])).Database;
        var header = await HeaderAsync(home, _keys[0]);
        Assert.Equal((CopyKind.Value, (await RouteAsync(_keys[0])).ValidSince), (header.Kind, header.Epoch));
        Assert.InRange((await home.KeyTimeToLiveAsync(_keys[0]))!.Value, TimeSpan.FromMinutes(8), TimeSpan.FromMinutes(10));
        Assert.All(heirs, static heir => Assert.True(heir.Copy.Kind == CopyKind.Value));
        Assert.True(header.Epoch > heirs[0].Copy.Epoch);

        Assert.Equal("heir's 0", (await Cache.GetAsync<string>(_keys[0], Cancel.Soon)).Value);
        Assert.Equal((1L, 2L), (Cache.Counters.Fills, Cache.Counters.Hits));
        Assert.True((await Cache.CheckAndSetAsync(_keys[0], "mine", first.Token, cancellationToken: Cancel.Soon)).IsSet);
    }

    [Fact]
    public async Task Many_key_reads_and_loads_are_filled_too()
    {
        await ReturnAsync(Window);

        var found = await Cache.GetManyAsync<string>([.. _keys[1..].Select(static key => (RedisKey)key)], Cancel.Soon);
        Assert.Equal(Enumerable.Range(1, 7).Select(static i => $"heir's {i}"), found.Select(static result => result.Value));
        var loaded = await Cache.GetOrCreateAsync<string>(_keys[0], static _ => throw new InvalidOperationException("The heir has it."), cancellationToken: Cancel.Soon);
        Assert.Equal("heir's 0", loaded);
        Assert.Equal((8L, 0L), (Cache.Counters.Fills, Cache.Counters.Loads));
    }

    [Fact]
    public async Task What_was_removed_or_written_since_is_never_undone_even_if_the_new_copy_is_evicted_at_once()
    {
        await ReturnAsync(Window);
        var other = new VersionedCache(_other!);
        await Cache.RemoveAsync(_keys[0], Cancel.Soon);
        await Cache.RemoveManyAsync([_keys[1]], Cancel.Soon);
        await Cache.SetAsync(_keys[2], "new", cancellationToken: Cancel.Soon);
        await Cache.SetManyAsync<string>([new(_keys[3], "new")], cancellationToken: Cancel.Soon);
        Assert.True((await Cache.CheckAndSetAsync(_keys[4], "new", CacheToken.None, cancellationToken: Cancel.Soon)).IsSet);
        var filled = await Cache.GetAsync<string>(_keys[5], Cancel.Soon);
        Assert.True(await Cache.RemoveAsync(_keys[5], Cancel.Soon));
        foreach (var key in _keys[..6])
        {
            await (await RouteAsync(key)).Database.KeyDeleteAsync(key);
        }

        Assert.Equal("heir's 5", filled.Value);
        foreach (var cache in new[] { Cache, other })
        {
            foreach (var key in _keys[..6])
            {
                Assert.False((await cache.GetAsync<string>(key, Cancel.Soon)).IsHit);
            }

            Assert.All(await cache.GetManyAsync<string>([.. _keys[..6].Select(static key => (RedisKey)key)], Cancel.Soon), static result => Assert.False(result.IsHit));
        }

        Assert.Equal((1L, 0L), (Cache.Counters.Fills, other.Counters.Fills));

        // What nobody touched is filled still, by either.
        Assert.Equal("heir's 6", (await other.GetAsync<string>(_keys[6], Cancel.Soon)).Value);
        Assert.Equal("heir's 7", (await Cache.GetAsync<string>(_keys[7], Cancel.Soon)).Value);
    }

    [Fact]
    public async Task A_client_that_did_not_see_the_return_come_fills_nothing_and_marks_what_it_writes()
    {
        await ReturnAsync(Window);
        var late = await Stack.ConnectAsync();
        await Views.ServesAsync(late, "shard1");
        var cache = new VersionedCache(late);

        Assert.False((await cache.GetAsync<string>(_keys[0], Cancel.Soon)).IsHit);
        Assert.Equal(0, cache.Counters.Fills);
        await cache.SetAsync(_keys[1], "new", cancellationToken: Cancel.Soon);
        Assert.Equal(CopyKind.Tombstone, (await HeirOfAsync(_keys[1])).Copy.Kind);
        Assert.Equal("heir's 0", (await Cache.GetAsync<string>(_keys[0], Cancel.Soon)).Value);
    }

    [Fact]
    public async Task Without_the_option_nothing_is_filled_and_nothing_marked()
    {
        await ReturnAsync(null);

        Assert.False((await Cache.GetAsync<string>(_keys[0], Cancel.Soon)).IsHit);
        Assert.All(await Cache.GetManyAsync<string>([_keys[0], _keys[1]], Cancel.Soon), static result => Assert.False(result.IsHit));
        await Cache.SetAsync(_keys[2], "new", cancellationToken: Cancel.Soon);
        Assert.Equal(0, Cache.Counters.Fills);
        Assert.Equal(CopyKind.Value, (await HeirOfAsync(_keys[2])).Copy.Kind);
        Assert.False(await (await RouteAsync(_keys[0])).Database.KeyExistsAsync(_keys[0]));
    }

    [Fact]
    public async Task With_no_fills_a_second_nothing_is_filled()
    {
        await ReturnAsync(Window);
        var cache = new VersionedCache(Client, new VersionedCacheOptions { WarmFillsPerSecond = 0 });

        Assert.False((await cache.GetAsync<string>(_keys[0], Cancel.Soon)).IsHit);
        Assert.Equal(0, cache.Counters.Fills);
    }

    [Fact]
    public async Task What_the_heir_holds_from_before_the_outage_is_not_taken()
    {
        await StartAsync(Window);
        var heir = await HeirOfAsync(_keys[0]);
        var before = new CopyHeader(CopyKind.Value, 1, 1, 1);
        await KillAsync("shard1");
        await heir.Database.StringSetAsync(_keys[0], Bytes(before));
        await RestartAsync("shard1");

        Assert.False((await Cache.GetAsync<string>(_keys[0], Cancel.Soon)).IsHit);
        Assert.Equal(0, Cache.Counters.Fills);
    }

    [Fact]
    public async Task A_value_that_is_no_copy_on_the_heir_leaves_a_miss()
    {
        await ReturnAsync(Window);
        var heirs = await Task.WhenAll(_keys[..2].Select(HeirOfAsync));
        await heirs[0].Database.KeyDeleteAsync(_keys[0]);
        await heirs[0].Database.SortedSetAddAsync(_keys[0], "1", 1_795_361_500_939_340);
        await heirs[1].Database.StringSetAsync(_keys[1], "the record of another program");

        Assert.False((await Cache.GetAsync<string>(_keys[0], Cancel.Soon)).IsHit);
        Assert.False((await Cache.GetAsync<string>(_keys[1], Cancel.Soon)).IsHit);
        Assert.All(await Cache.GetManyAsync<string>([_keys[0], _keys[1]], Cancel.Soon), static result => Assert.False(result.IsHit));
        Assert.Equal("made", await Cache.GetOrCreateAsync(_keys[0], static _ => ValueTask.FromResult("made"), cancellationToken: Cancel.Soon));
        Assert.Equal((0L, 0L), (Cache.Counters.Fills, Cache.Counters.ForeignMisses));
    }

    [Fact]
    public async Task A_heir_that_is_away_leaves_a_miss()
    {
        await ReturnAsync(Window);
        var heir = await HeirOfAsync(_keys[0]);
        await Stack.Shards[heir.Name].KillAsync();

        // While the view still trusts the heir, and when it does not.
        Assert.False((await Cache.GetAsync<string>(_keys[0], Cancel.Soon)).IsHit);
        await Views.WaitAsync(Client, Views.IsDead(heir.Name));
        Assert.False((await Cache.GetAsync<string>(_keys[0], Cancel.Soon)).IsHit);
        await Cache.SetAsync(_keys[0], "new", cancellationToken: Cancel.Soon);
        Assert.Equal("new", (await Cache.GetAsync<string>(_keys[0], Cancel.Soon)).Value);
        Assert.Equal(0, Cache.Counters.Fills);
    }

    [Fact]
    public async Task A_write_is_not_acknowledged_before_the_heir_has_its_mark()
    {
        await ReturnAsync(Window);
        var heir = await HeirOfAsync(_keys[0]);
        var home = (await RouteAsync(_keys[0])).Database;
        Stack.Shards[heir.Name].Hang();

        // Each is given its route while the view still trusts the heir.
        var writes = new Task[] { Cache.SetAsync(_keys[0], "new").AsTask(), Cache.CheckAndSetAsync(_keys[0], "new", CacheToken.None).AsTask(), Cache.RemoveAsync(_keys[0]).AsTask() };
        foreach (var write in writes)
        {
            var error = await Assert.ThrowsAnyAsync<Exception>(() => write);
            Assert.True(error is RedisException or TimeoutException, $"{error}");
        }

        Assert.False(await home.KeyExistsAsync(_keys[0]));
        Stack.Shards[heir.Name].Resume();
    }

    private static byte[] Bytes(CopyHeader header)
    {
        var bytes = new byte[header.Length + 1];
        header.WriteTo(bytes);
        return bytes;
    }
}
