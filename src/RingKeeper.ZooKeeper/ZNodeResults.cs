namespace RingKeeper.ZooKeeper;

/// <summary>The data of a znode and its description.</summary>
/// <param name="Data">The data; empty where the znode holds none.</param>
/// <param name="Stat">The description.</param>
public readonly record struct NodeData(byte[] Data, Stat Stat);

/// <summary>The names of a znode's children and its description.</summary>
/// <param name="Names">The names, without the parent's path, in no order.</param>
/// <param name="Stat">The description of the parent.</param>
public readonly record struct NodeChildren(IReadOnlyList<string> Names, Stat Stat);

/// <summary>The access control list of a znode and its description.</summary>
/// <param name="Acl">The entries; digests read <c>user:x</c> to a session that may not change the list.</param>
/// <param name="Stat">The description.</param>
public readonly record struct NodeAcl(IReadOnlyList<Acl> Acl, Stat Stat);

/// <summary>An answer together with the one-shot watch that was left with the server.</summary>
/// <typeparam name="T">What was read.</typeparam>
/// <param name="Value">What was read.</param>
/// <param name="Changed">
/// Completes once: with the change, with <see cref="WatchedEventType.SessionExpired"/> or with <see cref="WatchedEventType.Closed"/>.
/// It survives reconnects: a change made meanwhile is reported. It never faults; code after its <c>await</c> runs on the thread pool and may call the client.
/// </param>
public readonly record struct WatchedResult<T>(T Value, Task<WatchedEvent> Changed);

/// <summary>A znode that was just created.</summary>
/// <param name="Path">The path, with its number in the sequential modes.</param>
/// <param name="Stat">The description at its creation.</param>
public readonly record struct CreatedNode(string Path, Stat Stat);
