namespace RingKeeper;

/// <summary>What a checker knows of one shard.</summary>
/// <param name="Addr">The shard's address.</param>
internal sealed record ShardObservation(string Addr)
{
    /// <summary>Gets the verdict; null where there is none, or where it is withheld.</summary>
    public bool? Alive { get; init; }

    /// <summary>Gets since when, in microseconds since the Unix epoch by the own clock.</summary>
    public long Since { get; init; }

    /// <summary>Gets whether there is no verdict on purpose.</summary>
    public bool IsAbstaining { get; init; }

    /// <summary>Gets why there is no verdict, or null.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets the timestamp at which the last probe ended; 0 before the first.</summary>
    public long ProbedAt { get; init; }

    /// <summary>Gets Redis' run_id, or null.</summary>
    public string? RunId { get; init; }

    /// <summary>Gets Redis' role, <c>master</c> or <c>slave</c>, or null.</summary>
    public string? Role { get; init; }

    /// <summary>Gets the mean of the round trips, or null.</summary>
    public TimeSpan? Rtt { get; init; }

    /// <summary>Gets the deviation of the round trips, or null.</summary>
    public TimeSpan? RttDeviation { get; init; }

    /// <summary>Gets the class of the last bad result while it matters, or null.</summary>
    public ProbeOutcome? Error { get; init; }

    /// <summary>Gets what to tell the operator of it, or null.</summary>
    public string? Detail { get; init; }

    /// <summary>Gets why it is not called alive though it answers, or null.</summary>
    public FlapSuppression? Suppressed { get; init; }
}
