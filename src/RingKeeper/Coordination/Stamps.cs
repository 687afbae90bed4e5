namespace RingKeeper;

/// <summary>
/// Issues the stamps of a cluster: every Since and every topology time comes from one increasing sequence,
/// max(own clock, largest stamp in sight + gap). Durations are never computed from stamps. Pure.
/// </summary>
internal static class Stamps
{
    /// <summary>The least distance between the stamps of two changes, in microseconds, unless the clock tolerance is larger.</summary>
    public const long GapMicroseconds = 1_000_000;

    /// <summary>Gives the next stamp.</summary>
    /// <param name="nowMicroseconds">The own clock.</param>
    /// <param name="largestInSight">The largest stamp in sight, or 0 where there is none.</param>
    /// <param name="gap">The least distance, see <see cref="ZKClusterOptions.StampGap"/>.</param>
    public static long Next(long nowMicroseconds, long largestInSight, long gap = GapMicroseconds)
    {
        if (largestInSight > long.MaxValue - gap)
        {
            throw new RingKeeperException($"The stamp {largestInSight} leaves no room for a later one. A clock must have been far ahead; delete and create the cluster anew.");
        }

        return largestInSight <= 0 ? nowMicroseconds : Math.Max(nowMicroseconds, largestInSight + gap);
    }

    /// <summary>Gives the largest stamp in sight: the cluster's own and every Since in its status.</summary>
    public static long LargestInSight(long clusterStamp, IReadOnlyDictionary<string, ShardStatus>? status)
    {
        var largest = clusterStamp;
        foreach (var entry in status?.Values ?? [])
        {
            largest = Math.Max(largest, entry.Since);
        }

        return largest;
    }

    /// <summary>Gives the time as microseconds since the Unix epoch.</summary>
    public static long Now(TimeProvider time) => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
