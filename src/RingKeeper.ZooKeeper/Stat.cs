namespace RingKeeper.ZooKeeper;

/// <summary>Describes a znode as the server saw it when it answered.</summary>
/// <param name="Czxid">The zxid that created the znode.</param>
/// <param name="Mzxid">The zxid that last changed its data.</param>
/// <param name="Ctime">When it was created, in milliseconds since the Unix epoch by the server's clock.</param>
/// <param name="Mtime">When its data was last changed, in milliseconds since the Unix epoch by the server's clock.</param>
/// <param name="Version">The number of changes of its data.</param>
/// <param name="Cversion">The number of changes of its children.</param>
/// <param name="Aversion">The number of changes of its ACL.</param>
/// <param name="EphemeralOwner">The session that owns it if it is ephemeral; otherwise 0.</param>
/// <param name="DataLength">The length of its data in bytes.</param>
/// <param name="NumChildren">The number of its children.</param>
/// <param name="Pzxid">The zxid that last created or deleted a child.</param>
public readonly record struct Stat(
    long Czxid,
    long Mzxid,
    long Ctime,
    long Mtime,
    int Version,
    int Cversion,
    int Aversion,
    long EphemeralOwner,
    int DataLength,
    int NumChildren,
    long Pzxid);
