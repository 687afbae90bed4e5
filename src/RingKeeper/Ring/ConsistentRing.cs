using System.IO.Hashing;

namespace RingKeeper;

/// <summary>
/// The consistent ring of the Go package, point for point. A key belongs to the first point that is not below the key's CRC-32 (IEEE),
/// wrapping to the lowest; where points of two shards coincide, the shard later in the list owns both.
/// </summary>
public sealed class ConsistentRing : HashRing
{
    private readonly PointTable _table;

    internal ConsistentRing(IReadOnlyList<Shard> shards, int pointsPerShard)
        : base(shards)
    {
        var points = new uint[Shards.Count * pointsPerShard];
        var ownerOf = new Dictionary<uint, int>(points.Length);
        var next = 0;
        for (var shard = 0; shard < Shards.Count; shard++)
        {
            for (var j = 0; j < pointsPerShard; j++)
            {
                var point = ConsistentRingBuilder.HashPoint(j, Shards[shard].Name);
                points[next++] = point;
                ownerOf[point] = shard;
            }
        }

        Array.Sort(points);
        _table = new PointTable(points, [.. points.Select(point => ownerOf[point])], Shards.Count);
    }

    /// <summary>The points in order, as often as they occur, each with its final owner; for the verifier.</summary>
    internal IEnumerable<(uint Point, int Owner)> Points => Enumerable.Range(0, _table.Count).Select(i => _table[i]);

    /// <summary>The owner of every point once, from the key's own point on; for the verifier.</summary>
    internal IEnumerable<int> WalkPoints(byte[] key)
    {
        var count = _table.Count;
        var start = _table.Find(Crc32.HashToUInt32(key));
        return Enumerable.Range(start, count).Select(i => _table[i % count].Owner);
    }

    /// <inheritdoc/>
    public override int GetOwner(ReadOnlySpan<byte> key) => _table.OwnerOf(Crc32.HashToUInt32(key));

    /// <inheritdoc/>
    public override int GetOrder(ReadOnlySpan<byte> key, Span<int> order) => _table.GetOrder(Crc32.HashToUInt32(key), order);
}
