namespace RingKeeper;

/// <summary>What this checker knows of one shard.</summary>
/// <param name="Addr">The shard's address.</param>
internal sealed record ShardObservation(string Addr)
{
    /// <summary>The verdict; null where there is none.</summary>
    public bool? Alive { get; init; }

    /// <summary>Since when the verdict stands, in this process's microseconds; 0 before the first one. An abstention of this process does not move it.</summary>
    public long Since { get; init; }

    /// <summary>Whether this checker says nothing on purpose.</summary>
    public bool IsAbstaining { get; init; }

    /// <summary>Why it abstains.</summary>
    public string? Reason { get; init; }

    /// <summary>When an abstention ends at the latest, where time alone ends it.</summary>
    public DateTimeOffset? AbstainsUntil { get; init; }

    /// <summary>The <see cref="TimeProvider"/>'s timestamp of the last finished probe; 0 before the first.</summary>
    public long ProbedAt { get; init; }

    /// <summary>The <c>run_id</c> last seen.</summary>
    public string? RunId { get; init; }

    /// <summary>The role last seen.</summary>
    public string? Role { get; init; }

    /// <summary>The mean round trip of the last probes.</summary>
    public TimeSpan? Rtt { get; init; }

    /// <summary>The standard deviation of these round trips.</summary>
    public TimeSpan? RttDeviation { get; init; }

    /// <summary>The class of the last bad result, from the second in a row on, or of the evidence of a death, until a good answer; also <see cref="ProbeOutcome.Busy"/> of a living shard.</summary>
    public ProbeOutcome? Error { get; init; }

    /// <summary>What was heard with <see cref="Error"/>.</summary>
    public string? Detail { get; init; }

    /// <summary>When the first of the bad results in a row came, in this process's microseconds; null unless <see cref="Error"/> is a bad result.</summary>
    public long? FailingSince { get; init; }

    /// <summary>What holds a dead shard back that would be alive but for its flapping.</summary>
    public FlapSuppression? Suppressed { get; init; }

    /// <summary>
    /// Since when all shards at once give bad results: a sign that it is this process, or its network, that fails. Null if one gives good ones, if there
    /// are fewer than two, or if one refuses this checker: who is refused is connected.
    /// </summary>
    public static long? AllFailingSince(IReadOnlyDictionary<string, ShardObservation> observations) =>
        observations.Count >= 2 && observations.Values.All(static seen => seen is { FailingSince: not null, Error: not ProbeOutcome.Misconfigured })
            ? observations.Values.Max(static seen => seen.FailingSince)
            : null;

    /// <summary>Whether nothing has changed that others must be told at once; times of probes and round trips alone are no news.</summary>
    public bool SaysTheSameAs(ShardObservation other) =>
        this with { ProbedAt = 0, Rtt = null, RttDeviation = null, Detail = null } == other with { ProbedAt = 0, Rtt = null, RttDeviation = null, Detail = null };
}
