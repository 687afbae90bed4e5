using System.Text;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>A cache shared with Go programs on a cluster whose shards die and return.</summary>
public sealed class GoreLibClusterTests
{
    [Fact]
    public async Task What_a_first_outage_left_behind_is_a_miss_in_the_second_though_a_Go_program_would_take_it()
    {
        await using var stack = new EmbeddedStack();
        await stack.StartAsync(shards: 2, checkers: 1);
        var client = await stack.ConnectAsync();
        var cache = new VersionedCache(client, new VersionedCacheOptions { Format = CacheFormat.GoreLib });
        var name = Views.KeyOf(client.View.Ring, "shard1");
        RedisKey key = Encoding.UTF8.GetBytes(name);
        await stack.Shards["shard1"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard1"));
        await cache.SetAsync(key, "first", cancellationToken: Cancel.Soon);
        Assert.Equal("first", (await cache.GetAsync<string>(key, Cancel.Soon)).Value);

        await stack.Shards["shard1"].RestartAsync();
        await Views.WaitAsync(client, Views.IsAlive("shard1"));
        await stack.Shards["shard1"].KillAsync();
        var view = await Views.WaitAsync(client, Views.IsDead("shard1"));

        var route = await client.ConnectAsync(key, cancellationToken: Cancel.Soon);
        Assert.Equal("shard2", route.Shard.Name);
        Assert.Equal("\"first\"", (await new GoProgram(route.Database).GetAsync(name, Views.Of(view, "shard2")!.Since))?.Value);
        Assert.False((await cache.GetAsync<string>(key, Cancel.Soon)).IsHit);

        Assert.True((await cache.CheckAndSetAsync(key, "second", CacheToken.None, cancellationToken: Cancel.Soon)).IsSet);
        Assert.Equal("second", (await cache.GetAsync<string>(key, Cancel.Soon)).Value);
    }
}
