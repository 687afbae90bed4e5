namespace RingKeeper;

/// <summary>What one checker says of one shard. What goes beyond the status is RingKeeper's; Go programs skip it.</summary>
/// <param name="Status">Alive or dead, since when by the checker's own clock, and whose run it is.</param>
internal sealed record VoteEntry(ShardStatus Status)
{
    /// <summary>Gets when the shard was probed last as the vote was written, in microseconds by the checker's clock; null in the vote of a Go program.</summary>
    public long? Seen { get; init; }

    /// <summary>Gets the checker's id, which survives its restarts, or null.</summary>
    public string? Checker { get; init; }

    /// <summary>Gets the mean of the round trips as the vote was written, in microseconds, or null.</summary>
    public long? RttMicroseconds { get; init; }

    /// <summary>Gets the deviation of the round trips as the vote was written, in microseconds, or null.</summary>
    public long? RttDeviationMicroseconds { get; init; }

    /// <summary>Gets the class of the last bad result of a probe, or null.</summary>
    public string? Error { get; init; }

    /// <summary>Gets why the shard is not called alive though it answers, or null.</summary>
    public string? Suppressed { get; init; }

    /// <summary>Gets until when at least, in microseconds by the checker's clock, or null.</summary>
    public long? SuppressedUntil { get; init; }

    /// <summary>Gets whether the entry says the same; times and round trips are told with what changes, and are no change.</summary>
    public bool SaysTheSame(VoteEntry other) =>
        Status == other.Status && Checker == other.Checker && Error == other.Error && Suppressed == other.Suppressed;
}
