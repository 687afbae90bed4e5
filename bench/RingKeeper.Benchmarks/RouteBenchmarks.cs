using BenchmarkDotNet.Attributes;
using StackExchange.Redis;

namespace RingKeeper.Benchmarks;

/// <summary>From a key to the connection that serves it, with its epoch: the owner alone is the baseline.</summary>
public class RouteBenchmarks
{
    private readonly byte[][] _bytes = SampleKeys.Bytes();
    private readonly RedisKey[] _bytesKeys = [.. SampleKeys.Bytes().Select(static key => (RedisKey)key)];
    private readonly RedisKey[] _textKeys = [.. SampleKeys.Texts().Select(static key => (RedisKey)key)];
    private HashRing _ring = null!;
    private int _call;
    private ViewHost _host = null!;
    private ViewHost _failedOver = null!;

    /// <summary>Gets or sets how many shards the cluster has, of 160 points each.</summary>
    [Params(3, 16, 100)]
    public int Shards { get; set; }

    [GlobalSetup]
    public async Task ApplyAsync()
    {
        _ring = SampleRings.Build(RingTypes.Consistent, Shards);
        _host = await Unconnected.HostAsync(SampleRings.View(_ring));
        _failedOver = await Unconnected.HostAsync(SampleRings.View(_ring, static shard => shard % 2 == 0));
    }

    [GlobalCleanup]
    public async Task CloseAsync()
    {
        await _host.DisposeAsync();
        await _failedOver.DisposeAsync();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = SampleKeys.Window)]
    public long Owner() => LookupLoops.Owners(_ring, SampleKeys.Of(_bytes, _call++));

    [Benchmark(OperationsPerInvoke = SampleKeys.Window)]
    public long TryRoute() => LookupLoops.TryRoutes(_host, SampleKeys.Of(_bytes, _call++));

    [Benchmark(OperationsPerInvoke = SampleKeys.Window)]
    public long ConnectBytes() => LookupLoops.Connects(_host, SampleKeys.Of(_bytesKeys, _call++));

    [Benchmark(OperationsPerInvoke = SampleKeys.Window)]
    public long OwnerOfText() => LookupLoops.Owners(_ring, SampleKeys.Of(_textKeys, _call++));

    [Benchmark(OperationsPerInvoke = SampleKeys.Window)]
    public long ConnectText() => LookupLoops.Connects(_host, SampleKeys.Of(_textKeys, _call++));

    /// <summary>Every other shard is dead, so that half the keys move on.</summary>
    [Benchmark(OperationsPerInvoke = SampleKeys.Window)]
    public long TryRouteHalfDead() => LookupLoops.TryRoutes(_failedOver, SampleKeys.Of(_bytes, _call++));
}
