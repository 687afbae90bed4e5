using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RingKeeper;

/// <summary>The points of a ring and their owners. A hash belongs to the first point that is not below it, wrapping to the lowest.</summary>
internal readonly struct PointTable
{
    private const int MaxMarkedShards = 4096;

    // So few are compared faster than they are marked.
    private const int FewOwners = 8;

    // Point in the upper half, owner in the lower: one load answers both, and one comparison orders them. Sorted; one entry more than
    // points ends every scan without a check: the highest point there can be, with the owner of the first, which makes the ring wrap.
    private readonly ulong[] _entries;

    // _starts[t]: the first point whose top bits are >= t.
    private readonly int[] _starts;
    private readonly int _shift;
    private readonly int _shardCount;
    private readonly int _ownerCount;

    /// <summary>Takes at least one point, packed and sorted; where points are equal, the first decides.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public PointTable(ReadOnlySpan<ulong> points, int shardCount)
    {
        var count = points.Length;
        _entries = [.. points, Pack(uint.MaxValue, (int)(uint)points[0])];
        _shardCount = shardCount;
        _ownerCount = CountOwners(points, shardCount);

        // One to two places a point: two steps nearly always suffice, and more places would only cost cache.
        var bits = Math.Max(1, BitOperations.Log2((uint)count - 1) + 1);
        _shift = 32 - bits;
        _starts = new int[1 << bits];
        for (int start = 0, prefix = 0; prefix < _starts.Length; prefix++)
        {
            while (start < count && PointOf(points[start]) >> _shift < (uint)prefix)
            {
                start++;
            }

            _starts[prefix] = start;
        }
    }

    public int Count => _entries.Length - 1;

    public (uint Point, int Owner) this[int index] => (PointOf(_entries[index]), OwnerAt(index));

    public static ulong Pack(uint point, int owner) => ((ulong)point << 32) | (uint)owner;

    public static uint PointOf(ulong entry) => (uint)(entry >> 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int OwnerOf(uint hash) => OwnerAt(Find(hash));

    /// <summary>Finds the hash's own point; the index may be that of the extra entry, which stands for the first point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(uint hash)
    {
        // No entry of a point that is the hash or above is below this, whatever its owner.
        var wanted = (ulong)hash << 32;

        // Unchecked: a shifted hash is always a place of _starts, and the last entry is below no hash. The first two steps, which nearly
        // always suffice, are taken without a branch: a mispredicted one costs more than all the rest, and a key's hash predicts nothing.
        ref var entries = ref MemoryMarshal.GetArrayDataReference(_entries);
        var i = Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_starts), (nint)(hash >> _shift));
        i += Unsafe.Add(ref entries, i) < wanted ? 1 : 0;
        i += Unsafe.Add(ref entries, i) < wanted ? 1 : 0;
        while (Unsafe.Add(ref entries, i) < wanted)
        {
            i++;
        }

        return i;
    }

    /// <summary>Walks the ring from the hash on and writes each owner once.</summary>
    [SkipLocalsInit]
    public int GetOrder(uint hash, Span<int> order)
    {
        var wanted = Math.Min(order.Length, _ownerCount);
        if (wanted == 0)
        {
            return 0;
        }

        var start = Find(hash);
        if (wanted <= FewOwners || _shardCount > MaxMarkedShards)
        {
            return WalkWithoutMarks(start, order[..wanted]);
        }

        Span<ulong> seen = stackalloc ulong[(_shardCount + 63) / 64];
        seen.Clear();
        var found = 0;
        for (var i = start; found < wanted; i = Next(i))
        {
            var owner = OwnerAt(i);
            var mark = 1UL << (owner & 63);
            if ((seen[owner >> 6] & mark) == 0)
            {
                seen[owner >> 6] |= mark;
                order[found++] = owner;
            }
        }

        return found;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int CountOwners(ReadOnlySpan<ulong> points, int shardCount)
    {
        var owns = new bool[shardCount];
        foreach (var point in points)
        {
            owns[(uint)point] = true;
        }

        return owns.AsSpan().Count(true);
    }

    private int WalkWithoutMarks(int start, Span<int> order)
    {
        var found = 0;
        for (var i = start; found < order.Length; i = Next(i))
        {
            var owner = OwnerAt(i);
            if (!order[..found].Contains(owner))
            {
                order[found++] = owner;
            }
        }

        return found;
    }

    private int OwnerAt(int index) => (int)(uint)_entries[index];

    // The last real point is followed by the first; the extra entry, reached only by Find, stands for the first.
    private int Next(int i) => i >= _entries.Length - 2 ? i - (_entries.Length - 2) : i + 1;
}
