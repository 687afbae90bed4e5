namespace RingKeeper.ZooKeeper;

/// <summary>Says what a server can be asked for.</summary>
public enum ZooKeeperServerMode
{
    /// <summary>It runs and serves nobody, as one that looks for a leader.</summary>
    NotServing,

    /// <summary>It serves reads and writes.</summary>
    ReadWrite,

    /// <summary>It has lost its quorum and serves reads alone.</summary>
    ReadOnly,
}
