using System.Runtime.InteropServices;

namespace RingKeeper.Cli.Bench;

/// <summary>What one client, or all of a load, has seen. Used by one client at a time.</summary>
internal sealed class BenchTally
{
    private readonly Dictionary<string, long> _shards = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Shard, string Kind), long> _errors = [];

    public LatencyHistogram Latencies { get; } = new();

    public long Reads { get; private set; }

    public long Hits { get; private set; }

    /// <summary>Gets the operations that were answered, by shard.</summary>
    public IReadOnlyDictionary<string, long> Shards => _shards;

    /// <summary>Gets those that failed, by shard and kind.</summary>
    public IReadOnlyDictionary<(string Shard, string Kind), long> Errors => _errors;

    public void Record(string shard, TimeSpan time, bool isRead, bool isHit)
    {
        Latencies.Record(time);
        CollectionsMarshal.GetValueRefOrAddDefault(_shards, shard, out _)++;
        Reads += isRead ? 1 : 0;
        Hits += isHit ? 1 : 0;
    }

    public void Fail(string shard, string kind, long count = 1) => CollectionsMarshal.GetValueRefOrAddDefault(_errors, (shard, kind), out _) += count;

    public void Add(BenchTally other)
    {
        Latencies.Add(other.Latencies);
        (Reads, Hits) = (Reads + other.Reads, Hits + other.Hits);
        foreach (var (shard, count) in other._shards)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_shards, shard, out _) += count;
        }

        foreach (var ((shard, kind), count) in other._errors)
        {
            Fail(shard, kind, count);
        }
    }
}
