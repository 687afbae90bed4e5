using System.IO.Hashing;

namespace RingKeeper.Benchmarks;

/// <summary>The same ring as others look it up; the same points, so that owners agree.</summary>
internal abstract class OtherRing
{
    protected OtherRing(HashRing ring)
    {
        Points = [.. ((ConsistentRing)ring).AllPoints.Select(point => point.Point)];
        Owners = [.. ((ConsistentRing)ring).AllPoints.Select(point => point.Owner)];
    }

    protected uint[] Points { get; }

    protected int[] Owners { get; }

    public abstract int GetOwner(ReadOnlySpan<byte> key);
}

/// <summary>As the Go package does: sort.Search with a function over the sorted points, then a map from the point to its owner.</summary>
internal sealed class GoLikeRing : OtherRing
{
    private readonly Dictionary<uint, int> _ownerOf = [];

    public GoLikeRing(HashRing ring)
        : base(ring)
    {
        for (var i = 0; i < Points.Length; i++)
        {
            _ownerOf[Points[i]] = Owners[i];
        }
    }

    public override int GetOwner(ReadOnlySpan<byte> key)
    {
        var hash = Crc32.HashToUInt32(key);
        var i = Search(Points.Length, at => Points[at] >= hash);
        return _ownerOf[Points[i == Points.Length ? 0 : i]];
    }

    private static int Search(int count, Func<int, bool> isReached)
    {
        var (low, high) = (0, count);
        while (low < high)
        {
            var middle = (int)((uint)(low + high) >> 1);
            (low, high) = isReached(middle) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}

/// <summary>The framework's binary search over the points.</summary>
internal sealed class BinarySearchRing(HashRing ring) : OtherRing(ring)
{
    public override int GetOwner(ReadOnlySpan<byte> key)
    {
        var i = Array.BinarySearch(Points, Crc32.HashToUInt32(key));
        i = i < 0 ? ~i : i;
        return Owners[i == Points.Length ? 0 : i];
    }
}

/// <summary>No ring: the hash modulo the number of shards. Adding a shard moves nearly every key.</summary>
internal sealed class NaiveModulo(HashRing ring) : OtherRing(ring)
{
    private readonly uint _count = (uint)ring.Shards.Count;

    public override int GetOwner(ReadOnlySpan<byte> key) => (int)(Crc32.HashToUInt32(key) % _count);
}
