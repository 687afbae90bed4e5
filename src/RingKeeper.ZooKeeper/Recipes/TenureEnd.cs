namespace RingKeeper.ZooKeeper;

/// <summary>Tells why a lead or a lock is no longer held.</summary>
public enum TenureEnd
{
    /// <summary>It is held.</summary>
    None = 0,

    /// <summary>It was given back.</summary>
    Released,

    /// <summary>The servers did not confirm it in time: another may hold it from now on.</summary>
    LeaseRanOut,

    /// <summary>Somebody deleted its znode.</summary>
    NodeDeleted,

    /// <summary>The session is gone, or the client was closed.</summary>
    SessionLost,
}
