namespace RingKeeper.ZooKeeper;

/// <summary>A znode as a cache holds it.</summary>
/// <param name="Path">The path.</param>
/// <param name="Data">The data.</param>
/// <param name="Stat">The description. What counts children may be older than the cache's own list of them.</param>
public sealed record CachedNode(string Path, ReadOnlyMemory<byte> Data, Stat Stat);
