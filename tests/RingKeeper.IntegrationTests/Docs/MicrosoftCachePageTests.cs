using System.Net;
using System.Text;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RingKeeper.IntegrationTests.Cli;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>docs/coming-from-microsoft-cache.md, walked from the beginning to the end, and what it says of the two formats.</summary>
public sealed class MicrosoftCachePageTests
{
    private const string Page = "docs/coming-from-microsoft-cache.md";

    private static readonly DistributedCacheEntryOptions Hour = new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1), SlidingExpiration = TimeSpan.FromMinutes(10) };

    [Fact]
    public void Every_line_of_code_on_the_page_is_compiled_and_run() =>
        Assert.Equal([], PageCode.MissingLines(
            Page,
            line => line.Replace("\"10.0.0.1:6379\"", "server", StringComparison.Ordinal),
            "tests/RingKeeper.IntegrationTests/Docs/MovingCache.cs",
            "tests/RingKeeper.IntegrationTests/Docs/MicrosoftCachePageTests.cs"));

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_cache_moves_to_the_ring_and_then_to_RingKeepers_own_and_no_entry_is_missed_that_did_not_move()
    {
        await using var stack = new EmbeddedStack();
        await stack.StartEmptyAsync();
        var server = (await stack.StartShardAsync("a")).Addr;
        var entries = Enumerable.Range(0, 60).Select(static i => $"basket:{i}").ToList();

        using var before = Start(stack, builder => UseMicrosofts(builder, server));
        await WriteAsync(before, entries, "before");

        // Step 1: over one shard nothing is missed, whichever application reads.
        await RunCommandsAsync(stack, "cluster create shop", "10.0.0.1:6379", server);
        await using var checker = await StartCheckerAsync(stack);
        using var ring = Start(stack, UseRing);
        await ring.StartAsync(Cancel.Soon);
        var cluster = ring.Services.GetRequiredService<ZKCluster>();
        await Views.WaitAsync(cluster, Views.AllAlive);
        Assert.Equal(60, await CountAsync(ring, entries, "before"));
        await WriteAsync(ring, ["basket:ring"], "ring");
        Assert.Equal(1, await CountAsync(before, ["basket:ring"], "ring"));

        // A second shard takes its share of the keys, and no more.
        await RunCommandsAsync(stack, "cluster update shop", "10.0.0.2:6379", (await stack.StartShardAsync("b")).Addr);
        await Views.WaitAsync(cluster, view => view.Ring.Shards.Count == 2 && Views.AllAlive(view));
        var stayed = entries.Where(entry => cluster.View.Ring.Shards[cluster.View.Ring.GetOwner(Encoding.UTF8.GetBytes($"shop:{entry}"))].Name == "a").ToList();
        Assert.InRange(stayed.Count, 10, 50);
        Assert.Equal(stayed.Count, await CountAsync(ring, entries, "before"));

        // Step 2, with the former cache behind the new one.
        using var own = Start(stack, UseOwn);
        await own.StartAsync(Cancel.Soon);
        Assert.Equal(stayed.Count, await CountAsync(own, entries, "before"));
        await WriteAsync(own, entries, "own");
        Assert.Equal(60, await CountAsync(own, entries, "own"));
        Assert.Equal(0, await CountAsync(ring, entries, "before"));
        await own.Services.GetRequiredService<IDistributedCache>().RemoveAsync(stayed[0], Cancel.Soon);
        Assert.Equal(0, await CountAsync(own, [stayed[0]], "own"));
        UseEveryMember(own.Services.GetRequiredService<IDistributedCache>());
        await own.StopAsync(Cancel.Soon);
        await ring.StopAsync(Cancel.Soon);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Under_one_prefix_neither_reads_what_the_other_wrote()
    {
        await using var stack = new EmbeddedStack();
        await stack.StartEmptyAsync();
        await stack.Manager.CreateClusterAsync("shop", [await stack.StartShardAsync("a")], new ZKClusterOptions { ExpectedCheckers = 1 }, Cancel.Soon);
        await using var checker = await StartCheckerAsync(stack);
        using var ring = Start(stack, UseRing);
        using var own = Start(stack, static builder => builder.Services.AddRingKeeper(builder.Configuration.GetSection("RingKeeper")).AddDistributedCache(static cache => cache.KeyPrefix = "shop:"));
        await ring.StartAsync(Cancel.Soon);
        await own.StartAsync(Cancel.Soon);
        await Views.WaitAsync(own.Services.GetRequiredService<ZKCluster>(), Views.AllAlive);
        await Views.WaitAsync(ring.Services.GetRequiredService<ZKCluster>(), Views.AllAlive);
        var (theirs, ours) = (ring.Services.GetRequiredService<IDistributedCache>(), own.Services.GetRequiredService<IDistributedCache>());
        await theirs.SetStringAsync("theirs", "x", Hour, Cancel.Soon);
        await ours.SetStringAsync("ours", "x", Hour, Cancel.Soon);

        Assert.Null(await ours.GetAsync("theirs", Cancel.Soon));
        await Assert.ThrowsAsync<RingKeeperException>(() => ours.SetStringAsync("theirs", "y", Hour, Cancel.Soon));
        Assert.Contains("WRONGTYPE", (await Assert.ThrowsAsync<RedisServerException>(() => theirs.GetAsync("ours", Cancel.Soon))).Message, StringComparison.Ordinal);
        await own.StopAsync(Cancel.Soon);
        await ring.StopAsync(Cancel.Soon);
    }

    private static void UseMicrosofts(HostApplicationBuilder builder, string server)
    {
        builder.Services.AddStackExchangeRedisCache(options =>
        {
            options.Configuration = server;
            options.InstanceName = "shop:";
        });
    }

    private static void UseRing(HostApplicationBuilder builder)
    {
        builder.Services.AddRingKeeper(builder.Configuration.GetSection("RingKeeper"));
        builder.Services.AddStackExchangeRedisCache(options => options.InstanceName = "shop:");
        builder.Services.AddOptions<RedisCacheOptions>().Configure<ZKCluster>((options, cluster) =>
            options.ConnectionMultiplexerFactory = () => Task.FromResult(cluster.GetMultiplexer()));
    }

    private static void UseOwn(HostApplicationBuilder builder)
    {
        builder.Services.AddStackExchangeRedisCache(options => options.InstanceName = "shop:");
        builder.Services.AddOptions<RedisCacheOptions>().Configure<ZKCluster>((options, cluster) =>
            options.ConnectionMultiplexerFactory = () => Task.FromResult(cluster.GetMultiplexer()));
        builder.Services.AddRingKeeper(builder.Configuration.GetSection("RingKeeper"))
            .AddDistributedCache(cache => cache.KeyPrefix = "shop2:");
        builder.Services.AddSingleton<IDistributedCache>(services => new MovingCache(
            services.GetRequiredService<IBufferDistributedCache>(),
            new RedisCache(services.GetRequiredService<IOptions<RedisCacheOptions>>())));
    }

    private static IHost Start(EmbeddedStack stack, Action<HostApplicationBuilder> use)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("RingKeeper:ZKServers", stack.ZKServers), new("RingKeeper:ClusterName", "shop")]);
        use(builder);
        return builder.Build();
    }

    private static async Task<ZKChecker> StartCheckerAsync(EmbeddedStack stack)
    {
        var checker = await ZKChecker.ConnectAsync(new ZKCheckerOptions { ZKServers = stack.ZKServers, ClusterName = "shop", Interval = TimeSpan.FromMilliseconds(100) }, Cancel.Soon);
        await checker.StartAsync(Cancel.Soon);
        return checker;
    }

    // The page's own command, but for the address and the number of checkers.
    private static async Task RunCommandsAsync(EmbeddedStack stack, string command, string address, string server)
    {
        var line = Assert.Single(PageCode.Blocks(Page, "sh").SelectMany(static block => block), line => line.StartsWith($"ringkeeper {command}", StringComparison.Ordinal));
        string[] alone = command.Contains("create", StringComparison.Ordinal) ? ["--expected-checkers", "1"] : [];
        var (code, _, error) = await new CliCommand(stack.ZKServers).RunAsync([.. line.Replace(address, server, StringComparison.Ordinal).Split(' ')[1..], .. alone]);
        Assert.True(code == 0, error);
    }

    private static async Task WriteAsync(IHost host, IEnumerable<string> entries, string value)
    {
        foreach (var entry in entries)
        {
            await host.Services.GetRequiredService<IDistributedCache>().SetStringAsync(entry, $"{value} {entry}", Hour, Cancel.Soon);
        }
    }

    private static async Task<int> CountAsync(IHost host, IEnumerable<string> entries, string value)
    {
        var found = 0;
        foreach (var entry in entries)
        {
            found += await host.Services.GetRequiredService<IDistributedCache>().GetStringAsync(entry, Cancel.Soon) == $"{value} {entry}" ? 1 : 0;
        }

        return found;
    }

    private static void UseEveryMember(IDistributedCache cache)
    {
        cache.SetString("basket:sync", "x", Hour);
        cache.Refresh("basket:sync");
        Assert.Equal("x", cache.GetString("basket:sync"));
        cache.Remove("basket:sync");
        Assert.Null(cache.GetString("basket:sync"));
    }
}
