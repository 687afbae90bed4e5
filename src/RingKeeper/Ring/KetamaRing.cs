namespace RingKeeper;

/// <summary>The ketama ring of twemproxy: places keys where nutcracker does. Where points coincide, the shard earlier in the list owns the keys.</summary>
internal sealed class KetamaRing : HashRing
{
    private readonly PointTable _table;
    private readonly KeyHash _hash;

    /// <summary>Takes each shard's points; a shard without any owns nothing.</summary>
    public KetamaRing(IReadOnlyList<Shard> shards, IReadOnlyList<(uint Point, int Owner)> points, KeyHash hash)
        : base(shards)
    {
        // Stable, so that the earlier shard comes first where points are equal.
        var sorted = points.OrderBy(static point => point.Point).ToArray();
        _table = new PointTable([.. sorted.Select(static point => point.Point)], [.. sorted.Select(static point => point.Owner)], Shards.Count);
        _hash = hash;
    }

    /// <summary>Gets the number of points of all shards.</summary>
    public int PointCount => _table.Count;

    public override int GetOwner(ReadOnlySpan<byte> key) => _table.OwnerOf(_hash(key));

    public override int GetOrder(ReadOnlySpan<byte> key, Span<int> order) => _table.GetOrder(_hash(key), order);
}
