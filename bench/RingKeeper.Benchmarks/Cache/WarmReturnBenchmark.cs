using System.Diagnostics;
using RingKeeper.IntegrationTests.Coordination;

namespace RingKeeper.Benchmarks;

/// <summary>
/// What a shard's return costs the source behind a cache: all keys of one shard are read while it is away, so that its heirs hold them, and once more when it is back. Cold, each
/// is loaded again; warm, it comes from the heir.
/// </summary>
internal static class WarmReturnBenchmark
{
    private const int KeyCount = 5_000;
    private const int Awaiters = 64;
    private const string Shard = "shard1";

    private static readonly TimeSpan SourceTakes = TimeSpan.FromMilliseconds(5);

    public static async Task RunAsync()
    {
        Machine.Print();
        Console.WriteLine($"{KeyCount} keys of one of three shards, {Awaiters} awaiters, a source that takes {SourceTakes.TotalMilliseconds} ms, at most {new VersionedCacheOptions().WarmFillsPerSecond} fills a second");
        foreach (var warm in new TimeSpan?[] { null, TimeSpan.FromMinutes(1), null, TimeSpan.FromMinutes(1) })
        {
            await MeasureAsync(warm);
        }
    }

    private static async Task MeasureAsync(TimeSpan? warm)
    {
        await using var stack = new RealStack { Interval = TimeSpan.FromSeconds(0.5), Threshold = TimeSpan.FromSeconds(1), SessionTimeout = TimeSpan.FromSeconds(4) };
        await stack.StartAsync(options: new ZKClusterOptions { ExpectedCheckers = 3, FlapPolicy = FlapPolicy.Off, WarmReturn = warm });
        var client = await stack.ConnectAsync();
        await Views.WaitAsync(client, Views.AllAlive);
        var cache = new VersionedCache(client);
        var keys = Enumerable.Range(0, int.MaxValue).Select(static i => $"key:{i}").Where(key => client.View.Ring.Shards[client.View.Ring.GetOwner(System.Text.Encoding.UTF8.GetBytes(key))].Name == Shard).Take(KeyCount).ToArray();

        await stack.Shards[Shard].KillAsync();
        await Views.WaitAsync(client, Views.IsDead(Shard));
        await ReadAllAsync(cache, keys);
        await stack.Shards[Shard].RestartAsync();
        await Views.WaitAsync(client, Views.IsAlive(Shard));
        await client.ExecuteAsync(keys[0], static route => route.Database.PingAsync());

        var before = cache.Counters;
        var clock = Stopwatch.StartNew();
        await ReadAllAsync(cache, keys);
        var after = cache.Counters;
        Console.WriteLine($"{(warm is null ? "cold" : "warm")}: {after.Loads - before.Loads} loads and {after.Fills - before.Fills} fills for the first read of each key after the return, {clock.Elapsed.TotalSeconds:0.00} s");
    }

    private static Task ReadAllAsync(VersionedCache cache, string[] keys)
    {
        var next = -1;
        return Task.WhenAll(Enumerable.Range(0, Awaiters).Select(async _ =>
        {
            for (var i = Interlocked.Increment(ref next); i < keys.Length; i = Interlocked.Increment(ref next))
            {
                var key = keys[i];
                await cache.GetOrCreateAsync(key, async cancel =>
                {
                    await Task.Delay(SourceTakes, TimeProvider.System, cancel);
                    return key;
                });
            }
        }));
    }
}
