using System.Globalization;

namespace RingKeeper.Simulator.Caches;

/// <summary>What the clients of caches did in a run, or in many.</summary>
internal sealed record CacheTally
{
    public long Reads { get; set; }

    public long Hits { get; set; }

    /// <summary>Reads whose client did not know all that was published by then.</summary>
    public long LaggingReads { get; set; }

    /// <summary>Old values read from a shard whose run the view does not know, because a checker without runs decided last: nothing is promised there.</summary>
    public long Excused { get; set; }

    public long Failed { get; set; }

    public long Writes { get; set; }

    public long CurrentWrites { get; set; }

    public long Refused { get; set; }

    public long Swaps { get; set; }

    public long SwapsRefused { get; set; }

    /// <summary>Misses filled from the shard that served the key before.</summary>
    public long Fills { get; set; }

    /// <summary>Copies in the format of the Go package: stale ones read where clocks were further apart than the tolerance.</summary>
    public long StaleBeyondTolerance { get; set; }

    /// <summary>Copies in the format of the Go package: stale ones read under an epoch that was published too late after the time of its stamp.</summary>
    public long StaleOfLateStamps { get; set; }

    /// <summary>Hits under such an epoch.</summary>
    public long HitsOfLateStamps { get; set; }

    /// <summary>Hits while all clients would have gone to the same shard.</summary>
    public long AgreedHits { get; set; }

    /// <summary>Those of them that gave something older than what all had agreed to write before.</summary>
    public long AgreedStale { get; set; }

    /// <summary>Hits that gave something older than any write acknowledged before, whoever knew of what.</summary>
    public long Stale { get; set; }

    public void Add(CacheTally other)
    {
        Reads += other.Reads;
        Hits += other.Hits;
        LaggingReads += other.LaggingReads;
        Excused += other.Excused;
        Failed += other.Failed;
        Writes += other.Writes;
        CurrentWrites += other.CurrentWrites;
        Refused += other.Refused;
        Swaps += other.Swaps;
        SwapsRefused += other.SwapsRefused;
        Fills += other.Fills;
        StaleBeyondTolerance += other.StaleBeyondTolerance;
        StaleOfLateStamps += other.StaleOfLateStamps;
        HitsOfLateStamps += other.HitsOfLateStamps;
        AgreedHits += other.AgreedHits;
        AgreedStale += other.AgreedStale;
        Stale += other.Stale;
    }

    public IEnumerable<string> Describe() =>
    [
        Text($"{Reads} reads judged, {Hits} of them hits, {LaggingReads} by clients that did not know all yet, {Excused} excused; {Failed} calls failed"),
        Text($"{Writes} writes executed, {CurrentWrites} of them current, {Refused} refused as too old; {Swaps} checks-and-sets done, {SwapsRefused} found another copy; {Fills} misses filled after a return"),
        Text($"where all clients agreed on the shard: {AgreedHits} hits, {AgreedStale} of them stale"),
        .. StaleBeyondTolerance + HitsOfLateStamps > 0
            ? (IEnumerable<string>)[Text($"by clocks alone: {StaleBeyondTolerance} stale while clocks were further apart than the tolerance; {HitsOfLateStamps} hits under stamps that were published too late, {StaleOfLateStamps} of them stale")]
            : [],
    ];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
