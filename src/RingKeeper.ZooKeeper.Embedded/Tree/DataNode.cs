namespace RingKeeper.ZooKeeper.Embedded.Tree;

/// <summary>One znode. Null data and empty data are two things.</summary>
internal sealed class DataNode
{
    public byte[]? Data { get; set; }

    public IReadOnlyList<Acl> Acl { get; set; } = ZooKeeper.Acl.OpenToWorld;

    public long Czxid { get; init; }

    public long Mzxid { get; set; }

    public long Pzxid { get; set; }

    public long Ctime { get; init; }

    public long Mtime { get; set; }

    public int Version { get; set; }

    public int Aversion { get; set; }

    /// <summary>How many children were ever created: the source of sequence numbers, which deletions must not reset.</summary>
    public int Creates { get; set; }

    public long EphemeralOwner { get; init; }

    public bool IsContainer { get; init; }

    /// <summary>How long the znode stays when it is empty and not written to, in milliseconds; 0 for ever.</summary>
    public long TimeToLiveMs { get; init; }

    public HashSet<string> Children { get; private init; } = [];

    /// <summary>Makes a copy that lives a life of its own. Data and ACLs are shared: they are replaced, never changed.</summary>
    public DataNode Clone() => new()
    {
        Data = Data,
        Acl = Acl,
        Czxid = Czxid,
        Mzxid = Mzxid,
        Pzxid = Pzxid,
        Ctime = Ctime,
        Mtime = Mtime,
        Version = Version,
        Aversion = Aversion,
        Creates = Creates,
        EphemeralOwner = EphemeralOwner,
        IsContainer = IsContainer,
        TimeToLiveMs = TimeToLiveMs,
        Children = [.. Children],
    };

    public Stat ToStat() => new(
        Czxid,
        Mzxid,
        Ctime,
        Mtime,
        Version,
        unchecked((2 * Creates) - Children.Count),
        Aversion,
        EphemeralOwner,
        Data?.Length ?? 0,
        Children.Count,
        Pzxid);
}
