using RingKeeper.Testing;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The code of docs/caching.md and docs/caching-with-go.md, run as it stands there but for the address.</summary>
public sealed class CachingPagesTests
{
    private const string ThisFile = "tests/RingKeeper.IntegrationTests/Docs/CachingPagesTests.cs";

    [Theory]
    [InlineData("docs/caching.md", 9)]
    [InlineData("docs/caching-with-go.md", 5)]
    public void Every_line_of_code_on_the_pages_stands_in_this_file(string page, int least)
    {
        var source = File.ReadAllLines(PageCode.PathOf(ThisFile)).Select(static line => line.Trim()).ToHashSet();
        var code = PageCode.Blocks(page, "csharp")
            .SelectMany(static block => block)
            .Select(static line => line.Trim().Replace("\"127.0.0.1:2181\"", "servers", StringComparison.Ordinal))
            .Where(static line => line.Length > 0)
            .ToList();

        Assert.InRange(code.Count, least, int.MaxValue);
        Assert.Equal([], code.Where(line => !source.Contains(line)));
    }

    [Fact]
    public async Task The_code_for_caches_runs()
    {
        await using var test = await RingKeeperTestCluster.StartAsync(new RingKeeperTestClusterOptions { ClusterName = "orders" });
        var servers = test.ZKServers;
        await using var cluster = await ZKCluster.ConnectAsync(servers, "orders");
        var cache = new VersionedCache(cluster);

        await cache.SetAsync("user:7", new User("Ada"), CacheExpiry.After(TimeSpan.FromMinutes(5)));
        var read = await cache.GetAsync<User>("user:7");
        if (read.IsHit)
        {
            await cache.CheckAndSetAsync("user:7", read.Value! with { Name = "Grace" }, read.Token);
        }

        var user = await cache.GetOrCreateAsync("user:8", cancel => LoadAsync(8, cancel));

        Assert.Equal(new User("8"), user);
        Assert.Equal([new User("Grace"), new User("8")], (await cache.GetManyAsync<User>(["user:7", "user:8"])).Select(static result => result.Value));
    }

    [Fact]
    public async Task The_code_for_caches_shared_with_Go_programs_runs()
    {
        await using var test = await RingKeeperTestCluster.StartAsync(new RingKeeperTestClusterOptions { ClusterName = "orders" });
        var servers = test.ZKServers;
        await using var cluster = await ZKCluster.ConnectAsync(servers, "orders");
        var cache = new VersionedCache(cluster, new VersionedCacheOptions { Format = CacheFormat.GoreLib });

        await cache.SetAsync("user:7", new User("Ada"), CacheExpiry.After(TimeSpan.FromMinutes(5)));
        await cache.SetAsync(GoCacheKey.Of(7), "a text");
        var raw = await cache.GetAsync<byte[]>("avatar:7"u8.ToArray());

        Assert.False(raw.IsHit);
        Assert.Equal("a text", (await cache.GetAsync<string>(GoCacheKey.Of(7))).Value);
        Assert.Equal(new User("Ada"), (await cache.GetAsync<User>("user:7")).Value);
    }

    private static ValueTask<User> LoadAsync(int id, CancellationToken cancellationToken) => ValueTask.FromResult(new User($"{id}"));

    private sealed record User(string Name);
}
