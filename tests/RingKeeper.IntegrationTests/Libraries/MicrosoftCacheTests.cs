using System.Buffers;
using System.Text;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Libraries;

/// <summary>Microsoft.Extensions.Caching.StackExchangeRedis on the face that follows failover.</summary>
[Trait("Speed", "Slow")]
public sealed class MicrosoftCacheTests
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(20);
    private static readonly DistributedCacheEntryOptions Sliding = new() { SlidingExpiration = Window };

    [Fact]
    public async Task Entries_expire_slide_and_go_as_on_one_server_and_those_of_a_dead_shard_are_misses_until_they_are_set_again()
    {
        await using var scene = await LibraryScene.StartAsync();
        var cluster = await scene.ConnectAsync();
        await using var provider = Register(cluster);
        var cache = provider.GetRequiredService<IDistributedCache>();
        await SlideAsync(cache, cluster.GetDatabase());
        await RemoveAsync(cache);
        await BuffersAsync(cache);

        var keys = Enumerable.Range(0, 30).Select(i => $"entry{i}").ToList();
        await SetAllAsync(cache, keys, "before");
        Assert.All(await GetAllAsync(cache, keys), value => Assert.Equal("before", value));
        var dead = LibraryScene.OwnerOf(cluster, keys[0]);
        var lost = keys.Where(key => LibraryScene.OwnerOf(cluster, key) == dead).ToList();
        var kept = keys.Except(lost).ToList();
        Assert.NotEmpty(kept);

        await scene.KillAsync(dead);
        Assert.Null(await GetOrFailAsync(cache, lost[0]));
        await scene.AgreedAsync(dead);
        Assert.All(await GetAllAsync(cache, lost), Assert.Null);
        Assert.All(await GetAllAsync(cache, kept), value => Assert.Equal("before", value));
        await SetAllAsync(cache, keys, "during");
        Assert.All(await GetAllAsync(cache, keys), value => Assert.Equal("during", value));
        await SlideAsync(cache, cluster.GetDatabase());

        await scene.ReturnAsync(dead);
        Assert.All(await GetAllAsync(cache, lost), Assert.Null);
        Assert.All(await GetAllAsync(cache, kept), value => Assert.Equal("during", value));
        await SetAllAsync(cache, keys, "after");
        Assert.All(await GetAllAsync(cache, keys), value => Assert.Equal("after", value));

        // This library knows nothing of copies that an earlier death has left behind; RingKeeper.Caching does, which is why docs/libraries.md points to it.
        await scene.KillAsync(dead);
        await scene.AgreedAsync(dead);
        Assert.All(await GetAllAsync(cache, lost), value => Assert.Equal("during", value));
    }

    private static ServiceProvider Register(ZKCluster cluster)
    {
        var services = new ServiceCollection();
        services.AddStackExchangeRedisCache(options =>
            options.ConnectionMultiplexerFactory = () => Task.FromResult(cluster.GetMultiplexer()));
        return services.BuildServiceProvider();
    }

    private static async Task SlideAsync(IDistributedCache cache, IDatabase database)
    {
        var life = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) };
        cache.Set("absolute", [1], life);
        await cache.SetAsync("absolute-async", [1], life, Cancel.Soon);
        foreach (var key in new[] { "absolute", "absolute-async" })
        {
            Assert.InRange((await database.KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(60));
        }

        foreach (var read in new Func<string, Task>[] { key => Task.FromResult(cache.Get(key)), key => cache.GetAsync(key, Cancel.Soon), key => RefreshAsync(cache, key), key => cache.RefreshAsync(key, Cancel.Soon) })
        {
            await cache.SetAsync("sliding", [2], Sliding, Cancel.Soon);
            Assert.True(await database.KeyExpireAsync("sliding", Window / 2));
            await read("sliding");
            Assert.InRange((await database.KeyTimeToLiveAsync("sliding"))!.Value, Window - TimeSpan.FromMinutes(1), Window);
        }
    }

    private static Task RefreshAsync(IDistributedCache cache, string key)
    {
        cache.Refresh(key);
        return Task.CompletedTask;
    }

    private static async Task RemoveAsync(IDistributedCache cache)
    {
        await SetAllAsync(cache, ["one", "other"], "here");
        cache.Remove("one");
        await cache.RemoveAsync("other", Cancel.Soon);
        Assert.All(await GetAllAsync(cache, ["one", "other"]), Assert.Null);
    }

    private static async Task BuffersAsync(IDistributedCache cache)
    {
        var buffers = Assert.IsAssignableFrom<IBufferDistributedCache>(cache);
        var value = Encoding.UTF8.GetBytes("through buffers");
        buffers.Set("buffer", new ReadOnlySequence<byte>(value), Sliding);
        await buffers.SetAsync("buffer-async", new ReadOnlySequence<byte>(value), Sliding, Cancel.Soon);
        var found = new ArrayBufferWriter<byte>();
        Assert.True(buffers.TryGet("buffer-async", found));
        Assert.True(await buffers.TryGetAsync("buffer", found, Cancel.Soon));
        Assert.Equal([.. value, .. value], found.WrittenSpan.ToArray());
        Assert.False(await buffers.TryGetAsync("nothing", found, Cancel.Soon));
    }

    private static async Task SetAllAsync(IDistributedCache cache, IReadOnlyList<string> keys, string value)
    {
        foreach (var (i, key) in keys.Index())
        {
            if (i % 2 == 0)
            {
                cache.SetString(key, value, Sliding);
            }
            else
            {
                await cache.SetStringAsync(key, value, Sliding, Cancel.Soon);
            }
        }
    }

    private static async Task<IReadOnlyList<string?>> GetAllAsync(IDistributedCache cache, IReadOnlyList<string> keys)
    {
        var values = new List<string?>();
        foreach (var key in keys)
        {
            values.Add(await cache.GetStringAsync(key, Cancel.Soon));
            Assert.Equal(values[^1], cache.GetString(key));
        }

        return values;
    }

    // Until the death is agreed on, the library's own error; from then on a miss.
    private static async Task<string?> GetOrFailAsync(IDistributedCache cache, string key)
    {
        try
        {
            return await cache.GetStringAsync(key, Cancel.Soon);
        }
        catch (RedisConnectionException)
        {
            return null;
        }
    }
}
