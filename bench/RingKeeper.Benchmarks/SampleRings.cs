namespace RingKeeper.Benchmarks;

/// <summary>The rings that are measured.</summary>
internal static class SampleRings
{
    public static Shard[] Shards(int count) => [.. Enumerable.Range(0, count).Select(i => new Shard($"shard{i}", $"127.0.0.1:{10000 + i}"))];

    /// <summary>A consistent ring of this many points: 3 shards of 4, 16 of 160, 100 of 160.</summary>
    public static HashRing OfPoints(int points)
    {
        var (shards, each) = points switch
        {
            12 => (3, 4),
            2560 => (16, 160),
            16000 => (100, 160),
            _ => throw new ArgumentOutOfRangeException(nameof(points), points, "12, 2560 or 16000 points are measured."),
        };
        return Build(RingTypes.Consistent, shards, $"{each}");
    }

    public static HashRing Build(string type, int shards, string ringParams = "160", string? tag = null) =>
        RingTypes.CreateBuilder(type, ringParams, tag, null).Build(Shards(shards));

    /// <summary>All shards alive but those named.</summary>
    public static ClusterView View(HashRing ring, Func<int, bool>? isDead = null) =>
        new(ring, true, 1, 1, 1, ring.Shards.Select((shard, i) => new ShardStatus(shard.Addr, isDead is null || !isDead(i), 2 + i)).ToDictionary(status => status.Addr, StringComparer.Ordinal));
}
