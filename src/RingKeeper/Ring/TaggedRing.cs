namespace RingKeeper;

/// <summary>A ring that sees of a key only what stands in its hash tag.</summary>
internal sealed class TaggedRing(HashRing ring, HashTag tag) : HashRing(ring.Shards)
{
    internal override PointTable? Points => ring.Points;

    internal override uint PlaceOf(ReadOnlySpan<byte> key) => ring.PlaceOf(tag.Cut(key));

    internal override uint LastPlace => ring.LastPlace;

    public override int GetOwner(ReadOnlySpan<byte> key) => ring.GetOwner(tag.Cut(key));

    public override int GetOrder(ReadOnlySpan<byte> key, Span<int> order) => ring.GetOrder(tag.Cut(key), order);

    /// <summary>Builds such rings.</summary>
    public sealed class Builder(IRingBuilder builder, HashTag tag) : IRingBuilder
    {
        public HashRing Build(IReadOnlyList<Shard> shards) => new TaggedRing(builder.Build(shards), tag);
    }
}
