using System.Globalization;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.Options;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using StackExchange.Redis;

namespace RingKeeper.Benchmarks;

/// <summary>
/// The cache on a cluster of three redis-servers, Apache ZooKeeper and three checkers, beside plain commands of StackExchange.Redis over the same connections to the shard of each key; and
/// on one redis-server beside Microsoft.Extensions.Caching.StackExchangeRedis.
/// </summary>
internal sealed class CacheBenchmark : IAsyncDisposable
{
    private const int KeyCount = 30_000;
    private const int Many = 1000;

    // On a machine that others use too, a batch may stand in line for longer than the second that applications wait.
    private static readonly ClusterOptions Patient = new() { ConfigureRedis = static configuration => configuration.AsyncTimeout = 10_000 };

    private readonly RealStack _stack = new() { Interval = TimeSpan.FromSeconds(1), Threshold = TimeSpan.FromSeconds(2), SessionTimeout = TimeSpan.FromSeconds(4) };
    private readonly Alternation _alternation;

    private CacheBenchmark(Alternation alternation) => _alternation = alternation;

    /// <summary>The whole comparison.</summary>
    /// <param name="groups">How many groups of batches a row has.</param>
    /// <param name="each">How long a row takes.</param>
    public static async Task RunAsync(int groups, TimeSpan each)
    {
        Machine.Print();
        Console.WriteLine($"{KeyCount} keys of {SampleKeys.Length} characters, values of {CacheLoads.ValueBytes} bytes, {groups} groups a row; rates beside the first of each row, mean of the groups and 95 % of its error");
        await using var benchmark = new CacheBenchmark(new Alternation(groups, each));
        await benchmark.OnClusterAsync();
        await benchmark.BesidePeerAsync();
    }

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    private async Task OnClusterAsync()
    {
        await _stack.StartAsync();
        await using var cluster = await ZKCluster.ConnectAsync(_stack.ConnectorOptions(), _stack.Name, Patient, Cancel.Soon);
        var cache = new VersionedCache(cluster);
        var loads = await LoadsAsync(cluster, cache);
        var plainGet = CacheLoads.Loops(64, 8, loads.PlainGetAsync);
        Console.WriteLine();
        Console.WriteLine("Three shards, beside plain commands to the same shard:");
        await PrintAsync("get, 64 awaiters", 512, 0.97, new("plain GET", plainGet), new("plain GET again", plainGet), new("cache", CacheLoads.Loops(64, 8, loads.GetAsync)));
        await PrintAsync("get, 256 awaiters", 2048, 0.97, new("plain GET", CacheLoads.Loops(256, 8, loads.PlainGetAsync)), new("cache", CacheLoads.Loops(256, 8, loads.GetAsync)));
        await PrintAsync("get, one awaiter", 64, 0.97, new("plain GET", start => loads.PlainGetAsync(start, 64)), new("cache", start => loads.GetAsync(start, 64)));
        await PrintAsync("get, batches of 512", 512, null, new("plain GET", start => loads.PlainGetBatchAsync(start, 512)), new("cache", start => loads.GetBatchAsync(start, 512)));
        await PrintAsync("get, 1,000 keys", Many, 5, new("cache, one by one", start => loads.GetAsync(start, Many)), new("cache, GetManyAsync", start => loads.GetManyAsync(start, Many)));
        await PrintBytesAsync(loads);
        await PrintAsync("set, 64 awaiters", 512, 0.6, new("plain SET PX", CacheLoads.Loops(64, 8, loads.PlainSetAsync)), new("cache", CacheLoads.Loops(64, 8, loads.SetAsync)));
        await PrintAsync("set, batches of 512", 512, 0.9, new("plain EVALSHA of the same script", start => loads.PlainScriptBatchAsync(start, 512)), new("cache", start => loads.SetBatchAsync(start, 512)));
    }

    // One server, since the peer knows no more; connected as RingKeeper connects, which is no slower than its defaults.
    private async Task BesidePeerAsync()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connector = await SingleConnector.ConnectAsync(server.Addr, Patient);
        var cache = new VersionedCache(connector);
        var loads = await LoadsAsync(connector, cache);
        var configuration = ShardConfiguration.Create(server.Addr, Patient);
        using var peer = new RedisCache(Options.Create(new RedisCacheOptions { ConfigurationOptions = configuration, InstanceName = "peer:" }));
        await loads.PeerSetAsync(peer, 0, KeyCount);
        Console.WriteLine();
        Console.WriteLine($"One server, beside Microsoft.Extensions.Caching.StackExchangeRedis {typeof(RedisCache).Assembly.GetName().Version}:");
        await PrintAsync("get, 64 awaiters", 512, 1, new("RedisCache", CacheLoads.Loops(64, 8, (first, count) => loads.PeerGetAsync(peer, first, count))), new("cache", CacheLoads.Loops(64, 8, loads.GetAsync)));
        await PrintAsync("set, 64 awaiters", 512, 1, new("RedisCache", CacheLoads.Loops(64, 8, (first, count) => loads.PeerSetAsync(peer, first, count))), new("cache", CacheLoads.Loops(64, 8, loads.SetAsync)));
        await ScriptCeiling.PrintAsync(server, loads);
    }

    private static async Task<CacheLoads> LoadsAsync(IConnector connector, VersionedCache cache)
    {
        var texts = SampleKeys.Texts(KeyCount);
        var databases = new IDatabase[texts.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            databases[i] = (await connector.ConnectAsync(texts[i])).Database;
        }

        var loads = new CacheLoads(cache, databases, texts);
        await loads.SetBatchAsync(0, KeyCount);
        return loads;
    }

    private async Task PrintAsync(string row, int size, double? target, params Contender[] contenders)
    {
        foreach (var standing in await _alternation.CompareAsync(size, contenders))
        {
            var verdict = target is { } least && standing.Name.StartsWith("cache", StringComparison.Ordinal) && standing.Name != contenders[0].Name
                ? $"  wanted {least:0.##}: {(standing.Mean >= least ? "pass" : standing.Mean + standing.Error < least ? "FALLS SHORT" : "not resolved")}"
                : "";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {row,-22} {standing.Name,-34} {standing.Nanoseconds,9:0} ns {standing.Mean,8:0.000} ±{standing.Error:0.000}{verdict}"));
        }
    }

    private static async Task PrintBytesAsync(CacheLoads loads)
    {
        const int Calls = 20_000;
        var (plain, cached) = (long.MaxValue, long.MaxValue);
        for (var round = 0; round < 5; round++)
        {
            plain = Math.Min(plain, await MeasureAsync(loads.PlainGetAsync));
            cached = Math.Min(cached, await MeasureAsync(loads.GetAsync));
        }

        var value = CacheLoads.ValueBytes + (3 * IntPtr.Size);
        Console.WriteLine($"  {"bytes a hit",-22} plain GET {plain}, cache {cached}, the value {value}  wanted <= {plain + value}: {(cached <= plain + value ? "pass" : "FALLS SHORT")}");

        static async Task<long> MeasureAsync(Func<int, int, Task> run)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await run(0, Calls);
            return (GC.GetTotalAllocatedBytes(precise: true) - before) / Calls;
        }
    }
}
