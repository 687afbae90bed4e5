using BenchmarkDotNet.Attributes;

namespace RingKeeper.Benchmarks;

/// <summary>From a list of shards and their statuses to the view that lookups read.</summary>
public class ViewBuildBenchmarks
{
    private readonly Dictionary<string, ShardStatus> _statuses = new(StringComparer.Ordinal);
    private Shard[] _shards = [];
    private IRingBuilder _builder = null!;
    private ClusterView _view = null!;

    /// <summary>Gets or sets the type of ring; 160 points a shard where it has points.</summary>
    [Params(RingTypes.Consistent, RingTypes.Ketama, RingTypes.Rendezvous)]
    public string Ring { get; set; } = RingTypes.Consistent;

    /// <summary>Gets or sets how many shards there are.</summary>
    [Params(16, 1000)]
    public int Shards { get; set; }

    [GlobalSetup]
    public void List()
    {
        _shards = SampleRings.Shards(Shards);
        _builder = RingTypes.CreateBuilder(Ring, "160");
        foreach (var shard in _shards)
        {
            _statuses[shard.Addr] = new ShardStatus(shard.Addr, true, 1);
        }

        _view = First();
    }

    [Benchmark]
    public ClusterView First() => new(_builder.Build(_shards), true, 1, 1, 1, _statuses);

    [Benchmark]
    public ClusterView NextStatuses() => _view.WithStatuses(2, _statuses);
}
