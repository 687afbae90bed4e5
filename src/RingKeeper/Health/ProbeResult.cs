namespace RingKeeper;

/// <summary>What a probe found.</summary>
public enum ProbeOutcome
{
    /// <summary>The shard answered as it should.</summary>
    Alive = 0,

    /// <summary>The shard lives and is busy with one long script; counts as <see cref="Alive"/>.</summary>
    Busy = 1,

    /// <summary>The shard answered that it cannot serve: it is loading its data, or has lost its primary; twice in a row is proof enough.</summary>
    Unready = 2,

    /// <summary>Nothing listens at the address; twice in a row is proof enough.</summary>
    Refused = 3,

    /// <summary>The connection was reset or closed; probed again at once.</summary>
    Closed = 4,

    /// <summary>No answer came before the deadline.</summary>
    TimedOut = 5,

    /// <summary>The answer is not one that a Redis server gives.</summary>
    Garbage = 6,

    /// <summary>Anything else went wrong, e.g. the host is unknown or unreachable.</summary>
    Failed = 7,

    /// <summary>The shard refuses this checker's user, password or certificate: no verdict, until the configuration is corrected.</summary>
    Misconfigured = 8,

    /// <summary>The shard answers, but takes no writes: it cannot save (MISCONF), is full (OOM), lacks replicas, or is a replica itself. Dead if that lasts for the threshold.</summary>
    Unwritable = 9,
}

/// <summary>The result of one probe.</summary>
/// <param name="Outcome">What was found.</param>
/// <param name="Detail">What to tell the operator, without secrets; null if the outcome says it all.</param>
public readonly record struct ProbeResult(ProbeOutcome Outcome, string? Detail = null)
{
    /// <summary>Gets what names this run of the server, Redis' <c>run_id</c>: another one than before says that the server was restarted. Null where it is not known (default: null).</summary>
    public string? RunId { get; init; }

    /// <summary>Gets the shard's role in replication, <c>master</c> or <c>slave</c>, or null where it is not known (default: null).</summary>
    public string? Role { get; init; }

    /// <summary>Gets how long the shard took to answer, without the time to connect (default: null, and the checker takes the time of the whole probe).</summary>
    public TimeSpan? Rtt { get; init; }

    /// <summary>Whether the shard is well.</summary>
    public bool IsGood => Outcome is ProbeOutcome.Alive or ProbeOutcome.Busy;
}
