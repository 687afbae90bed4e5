namespace RingKeeper;

/// <summary>What one checker says of the shards, and which revision of its node says so.</summary>
/// <param name="Node">The name of the checker's node.</param>
/// <param name="Version">The version of the node that was read.</param>
/// <param name="Owner">The session that owns the node.</param>
/// <param name="Mtime">When the node was written, by ZooKeeper's clock, in milliseconds since the Unix epoch.</param>
/// <param name="Entries">What it says, by address; an address that is missing is an abstention. Null where the vote cannot be read.</param>
internal sealed record Vote(string Node, int Version, long Owner, long Mtime, IReadOnlyDictionary<string, VoteEntry>? Entries)
{
    /// <summary>The zxid of that write: it tells two of one millisecond apart.</summary>
    public long Mzxid { get; init; }

    /// <summary>Which program voted; a vote that says nothing does not tell.</summary>
    public VoterKind Kind { get; init; } = ZNodeCodec.KindOfVoter(Entries);

    /// <summary>The id of the checker that voted, or null.</summary>
    public string? Checker { get; init; } = Entries?.Values.Select(static e => e.Checker).FirstOrDefault(static c => c is not null);

    /// <summary>What it says of a shard: alive, dead, or nothing.</summary>
    public bool? Says(string addr) => Entries?.GetValueOrDefault(addr)?.Status.Alive;
}
