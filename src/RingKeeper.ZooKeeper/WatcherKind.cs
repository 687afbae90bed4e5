namespace RingKeeper.ZooKeeper;

/// <summary>Names the kinds of watches a server tells apart (Watcher.WatcherType of Apache ZooKeeper).</summary>
public enum WatcherKind
{
    /// <summary>A watch of the children.</summary>
    Children = 1,

    /// <summary>A watch of the data or the existence.</summary>
    Data = 2,

    /// <summary>Any watch.</summary>
    Any = 3,

    /// <summary>A persistent watch (ZooKeeper 3.9.0).</summary>
    Persistent = 4,

    /// <summary>A persistent recursive watch (ZooKeeper 3.9.0).</summary>
    PersistentRecursive = 5,
}
