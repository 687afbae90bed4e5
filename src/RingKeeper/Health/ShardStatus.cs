namespace RingKeeper;

/// <summary>Says whether a shard is alive and since when.</summary>
/// <param name="Addr">The shard's address.</param>
/// <param name="Alive">Whether it is alive.</param>
/// <param name="Since">When it became so: microseconds since the Unix epoch; in a cluster's status a stamp from one increasing sequence.</param>
public sealed record ShardStatus(string Addr, bool Alive, long Since)
{
    /// <summary>Gets the <c>run_id</c> that the shard's server drew when it started, or null where it is not known (default: null).</summary>
    public string? RunId { get; init; }

    /// <summary>Gets the shard's role in replication, <c>master</c> or <c>slave</c>, or null where it is not known (default: null).</summary>
    public string? Role { get; init; }

    /// <summary>
    /// Gets when it died before the return that <see cref="Since"/> tells of; 0 where that is its first decision, and null where it did not return, as after a
    /// restart that no probe missed (default: null). What another shard wrote for it between the two is newer than what it held.
    /// </summary>
    public long? Died { get; init; }

    /// <summary>
    /// Gets the newest topology time that was in effect when <see cref="Died"/> was published, µs, or null where that is null (default: null). A client that knows an older topology
    /// cannot tell which shard stood in.
    /// </summary>
    public long? Under { get; init; }
}
