using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace RingKeeper;

/// <summary>
/// What is known of the topologies before the present one: it tells when the walk of a key last changed. Immutable; lookups allocate nothing
/// once the rings are built, and take no lock.
/// </summary>
/// <param name="floor">A stamp that no key's epoch is below: what happened earlier is not known.</param>
/// <param name="earlier">The earlier topologies, newest first.</param>
internal sealed class TopologyHistory(long floor, ImmutableArray<EarlierTopology> earlier)
{
    private const int MaxStackOrderLength = 128;

    public static readonly TopologyHistory None = new(0, []);

    /// <summary>A stamp that no key's epoch is below, µs.</summary>
    public long Floor { get; } = floor;

    /// <summary>
    /// The stamp of a change that nobody has put on record yet, by the clock of the Go manager who made it; 0 where there is none. No part of any epoch: it is for
    /// copies that carry the time at which they were written.
    /// </summary>
    public long Unrecorded { get; init; }

    /// <summary>The earlier topologies, newest first.</summary>
    public ImmutableArray<EarlierTopology> Earlier { get; } = earlier;

    /// <summary>The newest topology time, or the floor: no key's walk changed after it.</summary>
    public long Newest { get; } = earlier.Aggregate(floor, static (newest, topology) => Math.Max(newest, topology.Ended));

    /// <summary>
    /// Tells when the walk of a key was last changed up to the serving shard: compares the addresses of its first shards between each topology and
    /// the next newer one, newest first; the first difference gives the time, else the floor.
    /// </summary>
    /// <param name="present">The present ring.</param>
    /// <param name="key">The key's bytes.</param>
    /// <param name="place">The serving shard's place on the walk, 0 for the owner.</param>
    /// <param name="from">How many of the newest topologies to leave out (default: 0); <paramref name="present"/> is then the ring that came after the first one compared.</param>
    [SkipLocalsInit]
    public long LastChange(HashRing present, ReadOnlySpan<byte> key, int place, int from = 0)
    {
        if (from >= Earlier.Length)
        {
            return Floor;
        }

        var count = place + 1;
        var rented = count > MaxStackOrderLength ? ArrayPool<int>.Shared.Rent(2 * count) : null;
        var buffer = rented is null ? stackalloc int[2 * MaxStackOrderLength] : rented;
        try
        {
            var walk = buffer[..count];
            walk = walk[..present.GetOrder(key, walk)];
            for (var i = from; i < Earlier.Length; i++)
            {
                // As long as nothing differed, the walk through the next newer topology is the present one.
                if (!IsSameWalk(present, walk, Earlier[i].Ring, key, buffer.Slice(count, count)))
                {
                    return Math.Max(Floor, Earlier[i].Ended);
                }
            }

            return Floor;
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<int>.Shared.Return(rented);
            }
        }
    }

    private static bool IsSameWalk(HashRing present, ReadOnlySpan<int> walk, HashRing? earlier, ReadOnlySpan<byte> key, Span<int> order)
    {
        if (earlier is null)
        {
            return false;
        }

        order = order[..earlier.GetOrder(key, order[..walk.Length])];
        if (order.Length != walk.Length)
        {
            return false;
        }

        for (var i = 0; i < walk.Length; i++)
        {
            if (!string.Equals(present.ShardAt(walk[i]).Addr, earlier.ShardAt(order[i]).Addr, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }
}
