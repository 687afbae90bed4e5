using System.Collections.Immutable;

namespace RingKeeper;

/// <summary>What the record of earlier topologies means, and what an update writes into it. Pure.</summary>
internal static class HistoryRules
{
    /// <summary>How many earlier topologies are kept; what falls off raises the floor.</summary>
    public const int MaxEarlier = 64;

    /// <summary>How many bytes of them are kept.</summary>
    public const int MaxEarlierBytes = 256 * 1024;

    /// <summary>
    /// The history in effect for readers. Where there is no record, or one of another state of the cluster, which a Go manager changed by its clock alone, no
    /// copy made before this moment counts: the floor is above every stamp on record, and rises with each further such change. The gap between
    /// stamps leaves room for that, so that the next stamp of ours is above it. That manager's own stamp is no part of it: the next such manager overwrites it
    /// with whatever its clock says, and whoever has not seen it would judge by a lower floor than others wrote under.
    /// </summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="statuses">Its status, read before <paramref name="cluster"/> was: a floor that a repair writes is never lower then.</param>
    public static TopologyHistory InEffect(ZKClusterInfo cluster, IEnumerable<ShardStatus> statuses)
    {
        var history = cluster.History;
        if (!history.IsOutdated(cluster.Version))
        {
            return new TopologyHistory(history.Floor, history.Earlier);
        }

        var largest = statuses.Aggregate(history.LargestStamp, static (largest, status) => Math.Max(largest, status.Since));
        return new TopologyHistory(largest + cluster.Revision.Version, []) { Unrecorded = cluster.Version };
    }

    /// <summary>The history in effect, as whoever writes it down has it: what is written down stays in sight of all, the stamp of a Go manager too.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="statuses">Its status.</param>
    public static TopologyHistory OnRecord(ZKClusterInfo cluster, IEnumerable<ShardStatus> statuses)
    {
        var history = InEffect(cluster, statuses);
        return history.Unrecorded <= history.Floor ? history : new TopologyHistory(history.Unrecorded, []);
    }

    /// <summary>The history that an update leaves.</summary>
    /// <param name="present">The cluster before it.</param>
    /// <param name="statuses">Its status.</param>
    /// <param name="wanted">The cluster after it.</param>
    /// <param name="stamp">The stamp of the update.</param>
    /// <param name="maxEarlier">How many earlier topologies are kept.</param>
    /// <param name="expire">Whether it ages every copy.</param>
    public static TopologyHistory After(ZKClusterInfo present, IEnumerable<ShardStatus> statuses, ZKClusterInfo wanted, long stamp, int maxEarlier, bool expire = false)
    {
        if (expire || present.Options.ClockTolerance != wanted.Options.ClockTolerance)
        {
            // What was written under another tolerance cannot be judged by this one.
            return new TopologyHistory(stamp, []);
        }

        var known = OnRecord(present, statuses);
        if (IsSameRing(present, wanted))
        {
            return known;
        }

        var ended = new EarlierTopology(stamp, RingOf(present.Options), [.. present.Shards.Select(static s => new Shard(s.Name, s.Addr) { Weight = s.Weight })], statuses.Aggregate(0L, static (newest, status) => Math.Max(newest, status.Since)));
        return Trim([ended, .. known.Earlier], known.Floor, maxEarlier);
    }

    // What moves keys, or makes another server answer for them; the order counts where points are equal.
    private static bool IsSameRing(ZKClusterInfo one, ZKClusterInfo other) =>
        RingOf(one.Options) == RingOf(other.Options)
        && one.Shards.Select(static s => (s.Name, s.Addr, s.Weight)).SequenceEqual(other.Shards.Select(static s => (s.Name, s.Addr, s.Weight)));

    private static ZKClusterOptions RingOf(ZKClusterOptions options) =>
        new() { RingType = options.RingType, RingParams = options.RingParams, HashTag = options.HashTag, KeyHash = options.KeyHash };

    private static TopologyHistory Trim(ImmutableArray<EarlierTopology> earlier, long floor, int maxEarlier)
    {
        var kept = ImmutableArray.CreateBuilder<EarlierTopology>();
        var bytes = 0;
        foreach (var topology in earlier)
        {
            bytes += ZNodeCodec.EncodeShards(topology.Shards).Length + ZNodeCodec.EncodeOptions(topology.Options).Length;
            if (kept.Count == maxEarlier || bytes > MaxEarlierBytes)
            {
                // The newest that falls off: older ones ended before it.
                floor = Math.Max(floor, topology.Ended);
                break;
            }

            if (topology.Ended > floor)
            {
                kept.Add(topology);
            }
        }

        return new TopologyHistory(floor, kept.ToImmutable());
    }
}
