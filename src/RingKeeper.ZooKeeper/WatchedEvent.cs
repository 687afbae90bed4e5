namespace RingKeeper.ZooKeeper;

/// <summary>Names what a watch reports.</summary>
public enum WatchedEventType
{
    /// <summary>The znode was created.</summary>
    NodeCreated = 1,

    /// <summary>The znode was deleted.</summary>
    NodeDeleted = 2,

    /// <summary>The data of the znode changed.</summary>
    NodeDataChanged = 3,

    /// <summary>A child was created or deleted.</summary>
    NodeChildrenChanged = 4,

    /// <summary>
    /// Changes may have been missed: the connection was lost and is back and the watch is set again, or the reader fell behind. A one-shot watch ends
    /// with it where the server refused to set it again.
    /// Whoever relies on the watch must read again.
    /// </summary>
    Gap = 100,

    /// <summary>
    /// The session has expired. A one-shot watch is gone; a subscription is set again in the next session, which a <see cref="Gap"/> tells.
    /// </summary>
    SessionExpired = 101,

    /// <summary>The client was closed; nothing will be reported any more.</summary>
    Closed = 102,

    /// <summary>The watch was removed by <see cref="ZooKeeperClient.RemoveWatchesAsync"/>; nothing follows.</summary>
    Removed = 103,
}

/// <summary>Names the scope of a persistent watch (ZooKeeper 3.6, addWatch).</summary>
public enum WatchMode
{
    /// <summary>The znode itself: creation, deletion, data, and the coming and going of its children.</summary>
    Persistent = 0,

    /// <summary>The znode and everything below it: creation, deletion and data of each.</summary>
    PersistentRecursive = 1,
}

/// <summary>Tells that a znode, or the watch on it, changed. It carries no data: read the znode.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Path">The znode it happened to, without the chroot; for Gap, SessionExpired and Closed the path that is watched.</param>
public readonly record struct WatchedEvent(WatchedEventType Type, string Path);
