namespace RingKeeper;

/// <summary>The options of a cluster as they stand in ZooKeeper, read by every client and checker.</summary>
public sealed record ZKClusterOptions
{
    /// <summary>Gets whether keys of a dead shard are served by the next alive shard on the ring (default: true).</summary>
    public bool FailoverEnabled { get; init; } = true;

    /// <summary>Gets the ring's type, one of <see cref="RingTypes"/> (default: <c>Consistent</c>, the Go package's).</summary>
    public string RingType { get; init; } = RingTypes.Consistent;

    /// <summary>
    /// Gets the ring's parameters (default: 160). For <c>Consistent</c> and <c>ConsistentTagged</c> the points of a shard, 1 to 10,000, or empty for as
    /// many as there are shards; for <c>Ketama</c> the points of a shard of average weight, 4 to 10,000, or empty for 160; to <c>Rendezvous</c> they mean nothing.
    /// </summary>
    public string RingParams { get; init; } = "160";

    /// <summary>
    /// Gets the hash tag, two characters such as <c>{}</c>, or null (default: null): of a key that holds text between them, only that text is
    /// hashed. Not for <c>Consistent</c>, whose Go clients would ignore it; <c>ConsistentTagged</c> needs it.
    /// </summary>
    public string? HashTag { get; init; }

    /// <summary>Gets the hash of keys on a <c>Ketama</c> ring by its name in twemproxy, or null for <c>fnv1a_64</c> (default: null).</summary>
    public string? KeyHash { get; init; }

    /// <summary>
    /// Gets how many checkers should be running, or null (default: null). A decision takes a strict majority of the larger of this number and of the
    /// checkers present, so that a few who are left cannot decide alone. A field of RingKeeper; Go programs ignore it.
    /// </summary>
    public int? ExpectedCheckers { get; init; }

    /// <summary>
    /// Gets the share of shards, in percent, that may die at once on a majority's word, or null for 50 (default: null). Deaths beyond it wait until
    /// all votes agree or the majority has stood for a while; 100 never waits.
    /// </summary>
    public int? MaxDeadPercent { get; init; }

    /// <summary>Gets how checkers keep a shard that dies again and again from returning at once (default: <see cref="FlapPolicy.Go"/>).</summary>
    public FlapPolicy FlapPolicy { get; init; }

    /// <summary>
    /// Gets by how much the clocks of clients, checkers, managers and shards may differ, or null for 250 ms (default: null). It counts for caches in the format of the
    /// Go package (<c>CacheFormat.GoreLib</c>) alone, whose copies are judged by clocks. Changing it ages every copy.
    /// </summary>
    public TimeSpan? ClockTolerance { get; init; }

    /// <summary>
    /// Gets for how long after a shard's return or arrival a cache may fill a miss from the shard that served the key until then, or null for never (default: null).
    /// Writes to such a shard take one more round trip meanwhile. For copies in RingKeeper's own format.
    /// </summary>
    public TimeSpan? WarmReturn { get; init; }

    /// <summary>The least distance between two stamps, µs: max(clock tolerance, 1 s).</summary>
    internal long StampGap => Math.Max(Stamps.GapMicroseconds, (ClockTolerance ?? TimeSpan.Zero).Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>Gets the version of the format (default: 1). A reader refuses a greater one than it knows.</summary>
    internal int Format { get; init; } = 1;

    /// <summary>Fields that this version does not know, so that writing the options back loses none of them.</summary>
    internal UnknownFields Unknown { get; init; } = UnknownFields.None;

    /// <summary>Creates the builder of the ring that these options describe.</summary>
    /// <returns>The builder.</returns>
    /// <exception cref="RingKeeperException">The type of ring is unknown to this version, or does not take the other options.</exception>
    public IRingBuilder CreateRingBuilder() => RingTypes.CreateBuilder(RingType, RingParams, HashTag, KeyHash);
}
