namespace RingKeeper;

/// <summary>A cluster as it stands in ZooKeeper, all parts from one moment.</summary>
/// <param name="Name">The cluster's name.</param>
/// <param name="Version">The stamp of its last change, in microseconds since the Unix epoch.</param>
/// <param name="Options">Its options.</param>
/// <param name="Shards">Its shards, in the order they were given.</param>
public sealed record ZKClusterInfo(string Name, long Version, ZKClusterOptions Options, IReadOnlyList<Shard> Shards)
{
    /// <summary>Gets which revision of the cluster this is; an update is refused if the cluster has another one by then.</summary>
    public ZKClusterRevision Revision { get; init; }

    /// <summary>
    /// Gets the fields that the znodes of options and shards lack and that were taken from what RingKeeper had recorded, such as <c>HashTag</c> or
    /// <c>shard 'a': Weight</c> (normally none). A manager that does not know them wrote the znodes; an update by RingKeeper writes them back.
    /// </summary>
    public IReadOnlyList<string> RestoredFields { get; init; } = [];

    /// <summary>What was recorded beside the znodes of the Go package.</summary>
    internal HistoryNode History { get; init; } = HistoryNode.Missing;

    /// <summary>The stamp in effect: <see cref="Version"/>, or one recorded earlier that a Go manager's clock did not reach.</summary>
    internal long Stamp => History.StampInEffect(Version);

    /// <summary>When the cluster's own znode last changed, in milliseconds since the Unix epoch by ZooKeeper's clock.</summary>
    internal long Changed { get; init; }

    /// <summary>Versions of the znodes of shards and options; a Go manager writes those before the cluster's own.</summary>
    internal (int Shards, int Options) PartVersions { get; init; }

    /// <summary>The ACL of what is created in the cluster later on; null for the session's own.</summary>
    internal IReadOnlyList<ZooKeeper.Acl>? Acl { get; init; }
}

/// <summary>Identifies a revision of a cluster in ZooKeeper.</summary>
/// <param name="Czxid">The zxid that created the cluster; another one means that it was deleted and created anew.</param>
/// <param name="Mzxid">The zxid of the last change; greater is newer.</param>
/// <param name="Version">The number of changes since it was created.</param>
public readonly record struct ZKClusterRevision(long Czxid, long Mzxid, int Version);
