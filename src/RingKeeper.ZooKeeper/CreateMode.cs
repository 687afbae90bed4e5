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

    /// <summary>
    /// The znode stays until it has had children and the last of them is gone; the server then removes it within about a minute
    /// (ZooKeeper 3.5.3; opcode createContainer). A create below it may therefore meet <see cref="ZooKeeperErrorCode.NoNode"/>: create it again.
    /// </summary>
    Container = 4,
}
