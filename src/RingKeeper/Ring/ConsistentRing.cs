using System.Runtime.CompilerServices;

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
        var points = new ulong[Shards.Count * pointsPerShard];
        for (var shard = 0; shard < Shards.Count; shard++)
        {
            ConsistentRingBuilder.FillPoints(points.AsSpan(shard * pointsPerShard, pointsPerShard), ShardAt(shard).Name, shard);
        }

        Array.Sort(points);
        GiveCoincidingToTheLast(points);
        _table = new PointTable(points, Shards.Count);
    }

    /// <inheritdoc/>
    internal override PointTable? Points => _table;

    /// <inheritdoc/>
    internal override uint PlaceOf(ReadOnlySpan<byte> key) => KeyCrc32.Of(key);

    /// <summary>The points in order, as often as they occur, each with its final owner; for the verifier.</summary>
    internal IEnumerable<(uint Point, int Owner)> AllPoints => Enumerable.Range(0, _table.Count).Select(i => _table[i]);

    /// <summary>The owner of every point once, from the key's own point on; for the verifier.</summary>
    internal IEnumerable<int> WalkPoints(byte[] key)
    {
        var count = _table.Count;
        var start = _table.Find(KeyCrc32.Of(key));
        return Enumerable.Range(start, count).Select(i => _table[i % count].Owner);
    }

    /// <inheritdoc/>
    public override int GetOwner(ReadOnlySpan<byte> key) => _table.OwnerOf(KeyCrc32.Of(key));

    /// <inheritdoc/>
    public override int GetOrder(ReadOnlySpan<byte> key, Span<int> order) => _table.GetOrder(KeyCrc32.Of(key), order);

    internal override int CopyAndGetOwner(string key, Span<byte> bytes, out int length)
    {
        length = key.Length;
        return KeyCrc32.TryCopy(key, bytes, out var hash) ? _table.OwnerOf(hash) : base.CopyAndGetOwner(key, bytes, out length);
    }

    // Of equal points the sort puts that of the latest shard last.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GiveCoincidingToTheLast(ulong[] points)
    {
        for (var i = points.Length - 2; i >= 0; i--)
        {
            if (PointTable.PointOf(points[i]) == PointTable.PointOf(points[i + 1]))
            {
                points[i] = points[i + 1];
            }
        }
    }
}
