namespace RingKeeper;

/// <summary>The ketama ring of twemproxy: places keys where nutcracker does. Where points coincide, the shard earlier in the list owns the keys.</summary>
internal sealed class KetamaRing : HashRing
{
    private readonly PointTable _table;
    private readonly KeyHash _hash;

    /// <summary>Takes each shard's points, packed, in any order; a shard without any owns nothing.</summary>
    public KetamaRing(IReadOnlyList<Shard> shards, ulong[] points, KeyHash hash)
        : base(shards)
    {
        // Of equal points the sort puts that of the earlier shard first.
        Array.Sort(points);
        _table = new PointTable(points, Shards.Count);
        _hash = hash;
    }

    /// <summary>Gets the number of points of all shards.</summary>
    public int PointCount => _table.Count;

    internal override PointTable? Points => _table;

    internal override uint PlaceOf(ReadOnlySpan<byte> key) => _hash(key);

    internal override uint LastPlace => KeyHashes.LastOf(_hash);

    public override int GetOwner(ReadOnlySpan<byte> key) => _table.OwnerOf(_hash(key));

    public override int GetOrder(ReadOnlySpan<byte> key, Span<int> order) => _table.GetOrder(_hash(key), order);
}
