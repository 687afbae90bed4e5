namespace RingKeeper.ZooKeeper;

/// <summary>Names what changed in a cache.</summary>
public enum CacheChangeType
{
    /// <summary>A znode came.</summary>
    Added,

    /// <summary>The data of a znode changed.</summary>
    Updated,

    /// <summary>A znode went.</summary>
    Removed,

    /// <summary>The reader fell behind and changes were left out: look at the whole cache.</summary>
    Gap,
}

/// <summary>One change of a cache.</summary>
/// <param name="Type">What changed.</param>
/// <param name="Path">The znode; for <see cref="CacheChangeType.Gap"/> the root of the cache.</param>
/// <param name="Before">The znode before; null where it came.</param>
/// <param name="After">The znode after; null where it went.</param>
public readonly record struct CacheChange(CacheChangeType Type, string Path, CachedNode? Before, CachedNode? After);
