using System.Diagnostics;
using RingKeeper.IntegrationTests.Coordination;
using StackExchange.Redis;

namespace RingKeeper.Benchmarks;

/// <summary>
/// <c>StringGetAsync</c> through <c>GetDatabase()</c> beside the same call on the database of the key's route, on Apache ZooKeeper, three checkers and three redis-servers. Batches take
/// turns in random order; each of the groups gives one ratio of trimmed means. Bytes are all that the process allocates in a batch, a reply's included.
/// </summary>
internal sealed class FaceBenchmark : IAsyncDisposable
{
    private const int Groups = 40;
    private const int Keys = 20_000;
    private static readonly (string Name, int Loops, int PerLoop)[] Shapes = [("one at a time", 1, 1), ("batch 64", 1, 64), ("batch 512", 1, 512), ("64 awaiters", 64, 8)];

    private readonly RealStack _stack = new() { Interval = TimeSpan.FromSeconds(1), Threshold = TimeSpan.FromSeconds(2), SessionTimeout = TimeSpan.FromSeconds(4) };
    private readonly RedisKey[] _keys = [.. SampleKeys.Texts(Keys).Select(static key => (RedisKey)key)];
    private readonly Random _random = new();
    private ZKCluster _cluster = null!;
    private IDatabase _face = null!;

    private enum Caller
    {
        Route,
        RouteAgain,
        Face,
    }

    /// <summary>The whole comparison, about a minute.</summary>
    public static async Task RunAsync(TimeSpan each)
    {
        Machine.Print();
        await using var benchmark = new FaceBenchmark();
        await benchmark._stack.StartAsync();
        benchmark._cluster = await benchmark._stack.ConnectAsync();
        benchmark._face = benchmark._cluster.GetDatabase();
        await benchmark._face.StringSetAsync([.. benchmark._keys.Select(static key => KeyValuePair.Create(key, (RedisValue)new byte[64]))]);
        Console.WriteLine($"three redis-servers, {Keys} keys of text of {SampleKeys.Length}, values of 64, {Groups} groups a row; rates beside the route's, mean of the groups and 95 % of its error");
        Console.WriteLine($"{"load",-16} {"route ns",10} {"route again",16} {"GetDatabase()",16} {"bytes: route",14} {"GetDatabase()",14}");
        foreach (var (name, loops, perLoop) in Shapes)
        {
            await benchmark.CompareAsync(name, loops, perLoop, each);
        }
    }

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    private async Task CompareAsync(string name, int loops, int perLoop, TimeSpan duration)
    {
        var callers = Enum.GetValues<Caller>();
        var rounds = await CountAsync(loops, perLoop, duration / (callers.Length * Groups));
        List<double> again = [], face = [], route = [];
        for (var group = 0; group < Groups; group++)
        {
            var times = callers.ToDictionary(static caller => caller, static _ => new List<double>());
            for (var round = 0; round < rounds; round++)
            {
                _random.Shuffle(callers);
                foreach (var caller in callers)
                {
                    var start = Stopwatch.GetTimestamp();
                    await SendAsync(caller, loops, perLoop);
                    times[caller].Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds / (loops * perLoop));
                }
            }

            var own = TrimmedMean(times[Caller.Route]);
            route.Add(own);
            again.Add(own / TrimmedMean(times[Caller.RouteAgain]));
            face.Add(own / TrimmedMean(times[Caller.Face]));
        }

        Console.WriteLine(
            $"{name,-16} {route.Average(),10:0} {Text(again),16} {Text(face),16} {await BytesAsync(Caller.Route, loops, perLoop),14:0.0} {await BytesAsync(Caller.Face, loops, perLoop),14:0.0}");
    }

    private async Task<int> CountAsync(int loops, int perLoop, TimeSpan each)
    {
        var count = 0;
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1); count++)
        {
            await SendAsync((Caller)(count % 3), loops, perLoop);
        }

        return Math.Max(5, (int)(count * each.TotalSeconds));
    }

    private async Task<double> BytesAsync(Caller caller, int loops, int perLoop)
    {
        const int Batches = 200;
        List<double> found = [];
        for (var round = 0; round < 9; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var batch = 0; batch < Batches; batch++)
            {
                await SendAsync(caller, loops, perLoop);
            }

            found.Add((GC.GetTotalAllocatedBytes(precise: true) - before) / (double)(Batches * loops * perLoop));
        }

        return found.Order().ElementAt(found.Count / 2);
    }

    private Task SendAsync(Caller caller, int loops, int perLoop) => loops == 1
        ? SendBatchAsync(caller, perLoop)
        : Task.WhenAll(Enumerable.Range(0, loops).Select(loop => LoopAsync(caller, loop * perLoop, perLoop)));

    private async Task SendBatchAsync(Caller caller, int size)
    {
        var gets = new Task<RedisValue>[size];
        var first = _random.Next(Keys - size);
        for (var i = 0; i < size; i++)
        {
            var key = _keys[first + i];
            gets[i] = caller == Caller.Face ? _face.StringGetAsync(key) : (await _cluster.ConnectAsync(key)).Database.StringGetAsync(key);
        }

        foreach (var value in await Task.WhenAll(gets))
        {
            Check(value);
        }
    }

    private async Task LoopAsync(Caller caller, int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            var key = _keys[i];
            Check(await (caller == Caller.Face ? _face.StringGetAsync(key) : (await _cluster.ConnectAsync(key)).Database.StringGetAsync(key)));
        }
    }

    private static void Check(RedisValue value)
    {
        if (value.IsNull)
        {
            throw new InvalidOperationException("A key was not where it was sought.");
        }
    }

    private static double TrimmedMean(List<double> values)
    {
        values.Sort();
        var cut = (int)(values.Count * 0.15);
        return values.Skip(cut).Take(values.Count - (2 * cut)).Average();
    }

    private static string Text(List<double> ratios)
    {
        var mean = ratios.Average();
        return $"{mean:0.000} ±{1.96 * Math.Sqrt(ratios.Sum(ratio => (ratio - mean) * (ratio - mean)) / (ratios.Count - 1) / ratios.Count):0.000}";
    }
}
