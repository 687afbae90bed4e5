namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>The data, the sessions and the zxid of a server at one moment.</summary>
public sealed class ServerSnapshot
{
    internal ServerSnapshot(Database database) => Database = database;

    /// <summary>Gets the last zxid of that moment.</summary>
    public long Zxid => Database.Zxid;

    internal Database Database { get; }
}
