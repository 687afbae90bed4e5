using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.DependencyInjection;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>HybridCache over the ring, in several containers as in several processes; the same on every stack.</summary>
public abstract partial class HybridCacheSuite<TStack> : IAsyncLifetime
    where TStack : ClusterStack, new()
{
    private readonly List<TestHost> _hosts = [];

    protected TStack Stack { get; } = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }

        await Stack.DisposeAsync();
    }

    [Fact]
    public async Task One_of_many_callers_creates_what_all_of_them_and_other_processes_get()
    {
        await Stack.StartAsync(checkers: 1);
        var (here, there) = (await StartAsync(), await StartAsync());
        var calls = 0;
        var gate = new TaskCompletionSource();
        var callers = Enumerable.Range(0, 50).Select(_ => here.GetOrCreateAsync("k", async _ =>
        {
            Interlocked.Increment(ref calls);
            await gate.Task;
            return "made once";
        }, cancellationToken: Cancel.Soon).AsTask()).ToList();
        gate.SetResult();

        Assert.All(await Task.WhenAll(callers), value => Assert.Equal("made once", value));
        Assert.Equal(1, calls);
        await WhenOnRingAsync("k");
        Assert.Equal("made once", await ReadAsync(there, "k"));
    }

    [Fact]
    public async Task What_one_process_sets_or_removes_is_dropped_near_in_the_others_and_kept_on_the_ring()
    {
        await Stack.StartAsync(checkers: 1);
        var (here, there) = (await StartAsync(), await StartAsync());
        await here.SetAsync("k", "first", cancellationToken: Cancel.Soon);
        await BecomesAsync(there, "k", "first");

        await here.SetAsync("k", "second", cancellationToken: Cancel.Soon);
        Assert.Equal("second", await ReadAsync(here, "k"));
        await BecomesAsync(there, "k", "second");

        // Dropping it there must not have removed it from the ring.
        Assert.Equal("second", await ReadAsync(await StartAsync(), "k"));

        await there.RemoveAsync("k", Cancel.Soon);
        await BecomesAsync(here, "k", null);
    }

    [Fact]
    public async Task An_entry_ends_on_the_ring_when_it_should()
    {
        await Stack.StartAsync(checkers: 1);
        var here = await StartAsync();
        await here.SetAsync("k", "v", new HybridCacheEntryOptions { Expiration = TimeSpan.FromMinutes(7), LocalCacheExpiration = TimeSpan.FromMinutes(1) }, cancellationToken: Cancel.Soon);

        var route = await _hosts[0].Get<ZKCluster>().ConnectAsync("k", cancellationToken: Cancel.Soon);
        Assert.InRange((await route.Database.KeyTimeToLiveAsync("k"))!.Value, TimeSpan.FromMinutes(6), TimeSpan.FromMinutes(7));
    }

    [Fact]
    public async Task Changes_arrive_while_the_shard_that_carries_them_dies_and_returns()
    {
        await Stack.StartAsync();
        var (here, there) = (await StartAsync(), await StartAsync());
        var (client, other) = (_hosts[0].Get<ZKCluster>(), _hosts[1].Get<ZKCluster>());
        var key = Views.KeyOf(client.View.Ring, "shard1");
        await here.SetAsync(key, "first", cancellationToken: Cancel.Soon);
        await BecomesAsync(there, key, "first");

        await Stack.Shards["shard1"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard1"));
        await Views.WaitAsync(other, Views.IsDead("shard1"));
        await here.SetAsync(key, "from the heir", cancellationToken: Cancel.Soon);
        await BecomesAsync(there, key, "from the heir");

        await Stack.Shards["shard1"].RestartAsync();
        await Views.WaitAsync(client, Views.IsAlive("shard1"));
        await Views.WaitAsync(other, Views.IsAlive("shard1"));

        // HybridCache keeps to itself that a write did not reach the ring: the connection has to be restored.
        await client.ExecuteAsync(key, route => route.Database.PingAsync(), CommandFlags.CommandRetryReadOnly);
        await other.ExecuteAsync(key, route => route.Database.PingAsync(), CommandFlags.CommandRetryReadOnly);
        await here.SetAsync(key, "from the owner", cancellationToken: Cancel.Soon);
        await BecomesAsync(there, key, "from the owner");
        await there.RemoveAsync(key, Cancel.Soon);
        await BecomesAsync(here, key, null);
    }

    [Fact]
    public async Task A_copy_that_an_outage_left_behind_is_no_ones_value()
    {
        await Stack.StartAsync();
        await StartAsync();
        var cluster = _hosts[0].Get<ZKCluster>();
        var cache = _hosts[0].Get<IDistributedCache>();
        var key = Views.KeyOf(cluster.View.Ring, "shard1");
        await cache.SetStringAsync(key, "before", Cancel.Soon);
        Stack.Shards["shard1"].Hang();
        await Views.WaitAsync(cluster, Views.IsDead("shard1"));
        Assert.Null(await cache.GetStringAsync(key, Cancel.Soon));
        await cache.SetStringAsync(key, "meanwhile", Cancel.Soon);
        Assert.Equal("meanwhile", cache.GetString(key));

        Stack.Shards["shard1"].Resume();
        await Views.ServesAsync(cluster, "shard1");
        Assert.Null(await cache.GetStringAsync(key, Cancel.Soon));
        Assert.Null(cache.GetString(key));
    }

    [Fact]
    public async Task A_cache_created_before_the_host_has_connected_trusts_what_is_on_the_ring()
    {
        await Stack.StartAsync(checkers: 1);
        await (await StartAsync()).SetAsync("k", "there already", cancellationToken: Cancel.Soon);
        var host = Build();
        var early = host.Services.GetRequiredService<HybridCache>();
        await host.StartAsync();

        Assert.Equal("there already", await ReadAsync(early, "k"));
    }

    [Fact]
    public async Task A_cluster_with_a_key_serves_a_hybrid_cache_by_that_key()
    {
        await Stack.StartAsync(checkers: 1);
        var host = await TestHost.StartAsync(
            builder =>
            {
                builder.Services.AddKeyedRingKeeper("orders", builder.Configuration.GetSection("RingKeeper")).AddHybridCacheBackplane();
                builder.Services.AddHybridCache(options => options.DistributedCacheServiceKey = "orders");
            },
            Settings());
        _hosts.Add(host);
        await Views.WaitAsync(host.Get<ZKCluster>("orders"), Views.AllAlive);
        await host.Services.GetRequiredService<HybridCache>().SetAsync("k", "v", cancellationToken: Cancel.Soon);

        Assert.NotNull(await host.Get<IDistributedCache>("orders").GetAsync("k", Cancel.Soon));
        Assert.Null(host.Services.GetService<IDistributedCache>());
        Assert.Equal("v", await ReadAsync(await StartAsync(), "k"));
    }

    private (string Key, string Value)[] Settings() => [("ZKServers", Stack.ZKServers), ("ClusterName", Stack.Name)];

    // A silent one writes to the ring and tells nobody, as if every notice of it were lost.
    private TestHost Build(bool isSilent = false)
    {
        var host = TestHost.Build(
            builder =>
            {
                var cluster = builder.Services.AddRingKeeper(builder.Configuration.GetSection("RingKeeper")).AddDistributedCache();
                _ = isSilent ? cluster : cluster.AddHybridCacheBackplane();
                builder.Services.AddHybridCache();
            },
            Settings());
        _hosts.Add(host);
        return host;
    }

    /// <summary>Another process's cache.</summary>
    private async Task<HybridCache> StartAsync(bool isSilent = false)
    {
        var host = Build(isSilent);
        await host.StartAsync();
        return host.Services.GetRequiredService<HybridCache>();
    }

    /// <summary>What the cache holds, near or on the ring; nothing is created.</summary>
    private static async Task<string?> ReadAsync(HybridCache cache, string key)
    {
        var found = true;
        var value = await cache.GetOrCreateAsync(
            key,
            _ =>
            {
                found = false;
                return ValueTask.FromResult("");
            },
            new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableLocalCacheWrite | HybridCacheEntryFlags.DisableDistributedCacheWrite },
            cancellationToken: Cancel.Soon);
        return found ? value : null;
    }

    // As callers do, so that a value is near after it; each turn waits for a server.
    private async Task BecomesAsync(HybridCache cache, string key, string? wanted)
    {
        var soon = Cancel.Soon;
        while (true)
        {
            var value = await ReadNearAsync(cache, key);
            if (value == wanted)
            {
                return;
            }

            Assert.False(soon.IsCancellationRequested, $"'{key}' stays '{value}' and never becomes '{wanted}'.");
            await Stack.Manager.GetClusterAsync(Stack.Name, Cancel.Soon);
        }
    }

    private static async Task<string?> ReadNearAsync(HybridCache cache, string key)
    {
        var found = true;
        var value = await cache.GetOrCreateAsync(
            key,
            _ =>
            {
                found = false;
                return ValueTask.FromResult("");
            },
            new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableUnderlyingData },
            cancellationToken: Cancel.Soon);
        return found ? value : null;
    }

    private async Task WhenOnRingAsync(string key)
    {
        var soon = Cancel.Soon;
        while (await _hosts[0].Get<IDistributedCache>().GetAsync(key, soon) is null)
        {
            soon.ThrowIfCancellationRequested();
        }
    }
}
