using System.Numerics;

namespace RingKeeper;

/// <summary>The points of a ring and their owners. A hash belongs to the first point that is not below it, wrapping to the lowest.</summary>
internal readonly struct PointTable
{
    private const int MaxMarkedShards = 4096;

    // Sorted; one more entry than points, uint.MaxValue, so that a scan ends without a check.
    private readonly uint[] _points;

    // The owner of each point; the extra entry repeats the first, which makes the ring wrap.
    private readonly int[] _owners;

    // _starts[t]: the first point whose top bits are >= t.
    private readonly int[] _starts;
    private readonly int _shift;
    private readonly int _shardCount;
    private readonly int _ownerCount;

    /// <summary>Takes at least one point, sorted, each with the index of its owner; where points are equal, the first decides.</summary>
    public PointTable(ReadOnlySpan<uint> points, ReadOnlySpan<int> owners, int shardCount)
    {
        var count = points.Length;
        _points = [.. points, uint.MaxValue];
        _owners = [.. owners, owners[0]];
        _shardCount = shardCount;
        _ownerCount = _owners.Distinct().Count();

        var bits = Math.Max(1, BitOperations.Log2((uint)count - 1) + 1);
        _shift = 32 - bits;
        _starts = new int[1 << bits];
        for (int start = 0, prefix = 0; prefix < _starts.Length; prefix++)
        {
            while (start < count && _points[start] >> _shift < (uint)prefix)
            {
                start++;
            }

            _starts[prefix] = start;
        }
    }

    public int Count => _points.Length - 1;

    public (uint Point, int Owner) this[int index] => (_points[index], _owners[index]);

    public int OwnerOf(uint hash) => _owners[Find(hash)];

    /// <summary>Finds the hash's own point; the index may be that of the extra entry, which stands for the first point.</summary>
    public int Find(uint hash)
    {
        var points = _points;
        var i = _starts[hash >> _shift];
        while (points[i] < hash)
        {
            i++;
        }

        return i;
    }

    /// <summary>Walks the ring from the hash on and writes each owner once.</summary>
    public int GetOrder(uint hash, Span<int> order)
    {
        var wanted = Math.Min(order.Length, _ownerCount);
        if (wanted == 0)
        {
            return 0;
        }

        var start = Find(hash);
        if (_shardCount > MaxMarkedShards)
        {
            return WalkWithoutMarks(start, order[..wanted]);
        }

        Span<ulong> seen = stackalloc ulong[(_shardCount + 63) / 64];
        seen.Clear();
        var found = 0;
        for (var i = start; found < wanted; i = Next(i))
        {
            var owner = _owners[i];
            var mark = 1UL << (owner & 63);
            if ((seen[owner >> 6] & mark) == 0)
            {
                seen[owner >> 6] |= mark;
                order[found++] = owner;
            }
        }

        return found;
    }

    private int WalkWithoutMarks(int start, Span<int> order)
    {
        var found = 0;
        for (var i = start; found < order.Length; i = Next(i))
        {
            if (!order[..found].Contains(_owners[i]))
            {
                order[found++] = _owners[i];
            }
        }

        return found;
    }

    // The last real point is followed by the first; the extra entry, reached only by Find, stands for the first.
    private int Next(int i) => i >= _points.Length - 2 ? i - (_points.Length - 2) : i + 1;
}
