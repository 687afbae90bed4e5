using BenchmarkDotNet.Attributes;

namespace RingKeeper.Benchmarks;

/// <summary>From the bytes of a key to its owner, beside what others do.</summary>
public class RingBenchmarks
{
    private readonly byte[][] _keys = SampleKeys.Bytes();
    private HashRing _ring = null!;
    private int _call;
    private OtherRing _goLike = null!;
    private OtherRing _binarySearch = null!;
    private OtherRing _modulo = null!;

    /// <summary>Gets or sets the points of all shards together.</summary>
    [Params(12, 2560, 16000)]
    public int Points { get; set; }

    [GlobalSetup]
    public void Build()
    {
        _ring = SampleRings.OfPoints(Points);
        _goLike = new GoLikeRing(_ring);
        _binarySearch = new BinarySearchRing(_ring);
        _modulo = new NaiveModulo(_ring);
    }

    [Benchmark(OperationsPerInvoke = SampleKeys.Window)]
    public long ConsistentRing() => LookupLoops.Owners(_ring, SampleKeys.Of(_keys, _call++));

    [Benchmark(OperationsPerInvoke = SampleKeys.Window)]
    public long GoLike() => LookupLoops.Owners(_goLike, SampleKeys.Of(_keys, _call++));

    [Benchmark(OperationsPerInvoke = SampleKeys.Window)]
    public long BinarySearch() => LookupLoops.Owners(_binarySearch, SampleKeys.Of(_keys, _call++));

    [Benchmark(Baseline = true, OperationsPerInvoke = SampleKeys.Window)]
    public long Modulo() => LookupLoops.Owners(_modulo, SampleKeys.Of(_keys, _call++));
}
