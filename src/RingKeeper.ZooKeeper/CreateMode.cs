namespace RingKeeper.ZooKeeper;

/// <summary>Says how long a new znode lives and whether the server numbers it.</summary>
public enum CreateMode
{
    /// <summary>The znode stays until it is deleted.</summary>
    Persistent = 0,

    /// <summary>The znode goes with the session that created it.</summary>
    Ephemeral = 1,

    /// <summary>As <see cref="Persistent"/>; the server appends a ten-digit number.</summary>
    PersistentSequential = 2,

    /// <summary>As <see cref="Ephemeral"/>; the server appends a ten-digit number.</summary>
    EphemeralSequential = 3,
}
