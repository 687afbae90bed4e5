using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>The cache on a cluster, as applications use it; the same on every stack.</summary>
public abstract class VersionedCacheSuite<TStack> : IAsyncLifetime
    where TStack : ClusterStack, new()
{
    private const int Keys = 1000;
    private static readonly RedisKey[] AllKeys = [.. Enumerable.Range(0, Keys).Select(static i => (RedisKey)$"key:{i}")];

    protected TStack Stack { get; } = new();

    public async ValueTask InitializeAsync() => await Stack.StartAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Stack.DisposeAsync();
    }

    [Fact]
    public async Task Many_keys_are_written_read_and_removed_on_their_own_shards_in_order()
    {
        var client = await Stack.ConnectAsync();
        var cache = new VersionedCache(client);
        var tokens = await cache.SetManyAsync(Values(0), cancellationToken: Cancel.Soon);

        var results = await cache.GetManyAsync<int>([.. AllKeys, "absent", AllKeys[7]], Cancel.Soon);
        Assert.Equal([.. Enumerable.Range(0, Keys), 0, 7], results.Select(static result => result.Value));
        Assert.Equal([.. tokens, CacheToken.None, tokens[7]], results.Select(static result => result.Token));
        Assert.Equal((Keys + 1L, 1L), (cache.Counters.Hits, cache.Counters.Misses));
        foreach (var shard in client.View.Ring.Shards)
        {
            await using var direct = await ConnectionMultiplexer.ConnectAsync(shard.Addr);
            foreach (var key in AllKeys.Take(50))
            {
                Assert.Equal((await client.ConnectAsync(key)).Shard == shard, await direct.GetDatabase().KeyExistsAsync(key));
            }
        }

        Assert.Equal(500, await cache.RemoveManyAsync(AllKeys[..500], Cancel.Soon));
        Assert.Equal(500, (await cache.GetManyAsync<int>(AllKeys, Cancel.Soon)).Count(static result => result.IsHit));
        Assert.Empty(await cache.GetManyAsync<int>([]));
    }

    [Fact]
    public async Task One_dead_shard_takes_nothing_from_the_others()
    {
        var client = await Stack.ConnectAsync();
        var strict = new VersionedCache(client, new VersionedCacheOptions { RoutePolicy = RoutePolicy.OwnerOnly });
        var lenient = new VersionedCache(client, new VersionedCacheOptions { RoutePolicy = RoutePolicy.OwnerOnly, WhenShardAway = ShardAwayPolicy.Miss });
        await strict.SetManyAsync(Values(0), cancellationToken: Cancel.Soon);
        var dead = client.View.Ring.Shards[1];
        bool[] isDead = [.. AllKeys.Select(key => client.View.Ring.Shards[client.View.Ring.GetOwner((byte[])key!)] == dead)];

        // Both while the view still trusts the shard, and when it does not.
        await Stack.Shards[dead.Name].KillAsync();
        await CheckAsync();
        await Views.WaitAsync(client, Views.IsDead(dead.Name));
        await CheckAsync();

        async Task CheckAsync()
        {
            var found = await lenient.GetManyAsync<int>(AllKeys, Cancel.Soon);
            Assert.Equal(isDead, found.Select(static result => !result.IsHit));
            Assert.All(found.Index().Where(static result => result.Item.IsHit), static result => Assert.Equal(result.Index, result.Item.Value));
            var reading = await Assert.ThrowsAsync<SomeKeysFailedException>(() => strict.GetManyAsync<int>(AllKeys, Cancel.Soon));
            var writing = await Assert.ThrowsAsync<SomeKeysFailedException>(() => lenient.SetManyAsync(Values(0), cancellationToken: Cancel.Soon));
            foreach (var error in new[] { reading, writing })
            {
                Assert.Equal(AllKeys.Where((_, i) => isDead[i]), error.Failures.Select(static failure => failure.Key));
                Assert.Contains(dead.Addr, error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task What_an_outage_left_behind_is_never_served_again()
    {
        var client = await Stack.ConnectAsync();
        var cache = new VersionedCache(client);
        var first = client.View.Ring.Shards[0];
        var key = Views.KeyOf(client.View.Ring, first.Name);
        var old = await cache.SetAsync(key, "v1");

        await Stack.Shards[first.Name].KillAsync();
        await Views.WaitAsync(client, Views.IsDead(first.Name));
        Assert.False((await cache.GetAsync<string>(key)).IsHit);
        Assert.False((await cache.CheckAndSetAsync(key, "v2", old)).IsSet);
        await cache.SetAsync(key, "v2");
        Assert.Equal("v2", (await cache.GetAsync<string>(key)).Value);

        await Stack.Shards[first.Name].RestartAsync();
        await Views.ServesAsync(client, first.Name);
        Assert.False((await cache.GetAsync<string>(key)).IsHit);
        Assert.Equal("v3", await cache.GetOrCreateAsync(key, static _ => ValueTask.FromResult("v3")));

        await Stack.Shards[first.Name].KillAsync();
        await Views.WaitAsync(client, Views.IsDead(first.Name));
        Assert.False((await cache.GetAsync<string>(key)).IsHit);
        Assert.Equal(1, cache.Counters.StaleMisses);
    }

    private static KeyValuePair<RedisKey, int>[] Values(int more) => [.. AllKeys.Select((key, i) => KeyValuePair.Create(key, i + more))];
}
