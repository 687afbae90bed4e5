using System.Diagnostics;
using System.Text;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;

namespace RingKeeper.Benchmarks;

/// <summary>How GET through the cluster compares with modulo in one load.</summary>
/// <param name="Load">The shape of the load and the keys.</param>
/// <param name="ModuloNanoseconds">One GET by modulo.</param>
/// <param name="Again">Modulo's rate beside itself: what cannot be told apart.</param>
/// <param name="Routed">The cluster's rate beside modulo's.</param>
internal sealed record GetRatio(string Load, double ModuloNanoseconds, (double Mean, double Error) Again, (double Mean, double Error) Routed);

/// <summary>
/// GET through a cluster on Apache ZooKeeper, three checkers and three redis-servers, beside hash modulo over the same connections. In one loop,
/// batches of modulo, modulo again and the cluster take turns in random order; each of the groups gives one ratio of trimmed means.
/// </summary>
internal sealed class GetBenchmark : IAsyncDisposable
{
    /// <summary>The least rate that is wanted beside modulo's.</summary>
    public const double Target = 0.98;

    private const int Groups = 40;
    private const double Trimmed = 0.15;
    private const int AllKeys = 100_000;
    private static readonly (string Name, int Loops, int PerLoop)[] Shapes =
        [("batch 64", 1, 64), ("batch 512", 1, 512), ("batch 2048", 1, 2048), ("64 awaiters", 64, 8)];

    private readonly RealStack _stack = new() { Interval = TimeSpan.FromSeconds(1), Threshold = TimeSpan.FromSeconds(2), SessionTimeout = TimeSpan.FromSeconds(4) };
    private readonly Random _random = new();
    private ZKCluster _cluster = null!;
    private IDatabase[] _databases = [];

    /// <summary>The whole comparison, about four minutes.</summary>
    public static async Task RunAsync()
    {
        Machine.Print();
        await using var benchmark = await StartAsync();
        Console.WriteLine($"three redis-servers, {AllKeys} keys of {SampleKeys.Length} bytes, values of 64, {Groups} groups a row; rates, mean of the groups and 95 % of its error");
        benchmark.PrintShares();
        Console.WriteLine($"{"load",-46} {"modulo ns",10} {"modulo again",16} {"cluster",16}");
        await foreach (var ratio in benchmark.CompareAsync(TimeSpan.FromSeconds(12)))
        {
            Console.WriteLine($"{ratio.Load,-46} {ratio.ModuloNanoseconds,10:0} {Text(ratio.Again),16} {Text(ratio.Routed),16}");
        }
    }

    public static async Task<GetBenchmark> StartAsync()
    {
        var benchmark = new GetBenchmark();
        try
        {
            await benchmark._stack.StartAsync();
            benchmark._cluster = await benchmark._stack.ConnectAsync();
            var ring = benchmark._cluster.View.Ring;
            benchmark._databases = await Task.WhenAll(ring.Shards.Select(async shard => (await benchmark._cluster.ConnectAsync(Views.KeyOf(ring, shard.Name))).Database));
            await benchmark.FillAsync();
            return benchmark;
        }
        catch
        {
            await benchmark.DisposeAsync();
            throw;
        }
    }

    public static string Text((double Mean, double Error) value) => $"{value.Mean:0.000} ±{value.Error:0.000}";

    /// <summary>All loads, one after the other: where both choose the same shard, so that only the choosing differs, then where each chooses for itself.</summary>
    public async IAsyncEnumerable<GetRatio> CompareAsync(TimeSpan each)
    {
        var texts = SampleKeys.Texts(AllKeys);
        var all = new GetKeys("bytes, own choice", [.. texts.Select(Encoding.ASCII.GetBytes)], null);
        foreach (var keys in new[] { WhereBothAgree("bytes, same shard", all, bytes: true), WhereBothAgree("texts, same shard", new GetKeys("", null, texts), bytes: false), all })
        {
            foreach (var (name, loops, perLoop) in Shapes)
            {
                yield return await CompareAsync($"{name}, {keys.Name}", new GetLoad(_cluster, _databases, keys, loops, perLoop), each);
            }
        }

        GetKeys WhereBothAgree(string name, GetKeys keys, bool bytes)
        {
            var ring = _cluster.View.Ring;
            var agreed = Enumerable.Range(0, texts.Length).Where(i => keys.Modulo(i, (uint)_databases.Length) == ring.GetOwner(Encoding.ASCII.GetBytes(texts[i]))).Select(i => texts[i]).ToArray();
            return bytes ? new GetKeys(name, [.. agreed.Select(Encoding.ASCII.GetBytes)], null) : new GetKeys(name, null, agreed);
        }
    }

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    private async Task<GetRatio> CompareAsync(string name, GetLoad load, TimeSpan duration)
    {
        var next = 0;
        var order = new[] { Picker.Modulo, Picker.ModuloAgain, Picker.Routed };
        var perGroup = await CountBatchesAsync();
        var times = new List<double>[] { [], [], [] };
        var (moduloTimes, again, routed) = (new List<double>(), new List<double>(), new List<double>());
        for (var group = 0; group < Groups; group++)
        {
            foreach (var list in times)
            {
                list.Clear();
            }

            for (var batch = 0; batch < perGroup; batch++)
            {
                _random.Shuffle(order);
                foreach (var picker in order)
                {
                    times[(int)picker].Add(await TimeAsync(picker));
                }
            }

            var modulo = TrimmedMean(times[(int)Picker.Modulo]);
            moduloTimes.Add(modulo / load.Size);
            again.Add(modulo / TrimmedMean(times[(int)Picker.ModuloAgain]));
            routed.Add(modulo / TrimmedMean(times[(int)Picker.Routed]));
        }

        return new GetRatio(name, moduloTimes.Average(), MeanAndError(again), MeanAndError(routed));

        async Task<int> CountBatchesAsync()
        {
            var start = Stopwatch.GetTimestamp();
            var count = 0;
            for (; Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1); count++)
            {
                await TimeAsync(order[count % order.Length]);
            }

            return Math.Max(5, (int)(count * duration.TotalSeconds / order.Length / Groups));
        }

        async Task<double> TimeAsync(Picker picker)
        {
            var start = Stopwatch.GetTimestamp();
            await load.SendAsync(picker, next);
            var time = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
            load.Check();
            next = (next + load.Size) % AllKeys;
            return time;
        }
    }

    // Every key on every server: each picker finds it wherever it looks.
    private async Task FillAsync()
    {
        var value = new byte[64];
        foreach (var chunk in SampleKeys.Texts(AllKeys).Chunk(5000))
        {
            var pairs = chunk.Select(key => KeyValuePair.Create((RedisKey)key, (RedisValue)value)).ToArray();
            await Task.WhenAll(_databases.Select(database => database.StringSetAsync(pairs)));
        }
    }

    private void PrintShares()
    {
        var ring = _cluster.View.Ring;
        var counts = new int[ring.Shards.Count];
        foreach (var key in SampleKeys.Bytes(AllKeys))
        {
            counts[ring.GetOwner(key)]++;
        }

        Console.WriteLine($"of the keys the ring gives its shards {string.Join(", ", counts.Select(static count => $"{100.0 * count / AllKeys:0.0} %"))}");
    }

    private static double TrimmedMean(List<double> values)
    {
        values.Sort();
        var cut = (int)(values.Count * Trimmed);
        return values.Skip(cut).Take(values.Count - (2 * cut)).Average();
    }

    private static (double Mean, double Error) MeanAndError(List<double> ratios)
    {
        var mean = ratios.Average();
        var variance = ratios.Sum(ratio => (ratio - mean) * (ratio - mean)) / (ratios.Count - 1);
        return (mean, 1.96 * Math.Sqrt(variance / ratios.Count));
    }
}
