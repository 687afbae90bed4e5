using System.Collections.Immutable;

namespace RingKeeper.ZooKeeper;

/// <summary>
/// A copy of a znode and all below it, kept up by a recursive watch (ZooKeeper 3.6). Reads of it are local. After a loss of the connection everything is looked at again, data only where they changed.
/// </summary>
/// <remarks>
/// It holds the latest state, each znode by itself: states in between may be left out, and two znodes that change in one multi may be seen to change one after the other. It takes as much memory as the tree.
/// A znode that the client may not read is not in it.
/// </remarks>
public sealed class TreeCache : IAsyncDisposable
{
    private readonly CacheFollower _follower;

    private TreeCache(string path, CacheFollower follower) => (Path, _follower) = (path, follower);

    /// <summary>Gets the root of the tree.</summary>
    public string Path { get; }

    /// <summary>Gets the znodes as they were last seen, by path; immutable.</summary>
    public ImmutableSortedDictionary<string, CachedNode> Nodes => _follower.Nodes;

    /// <summary>Gets how fresh it is.</summary>
    public CacheFreshness Freshness => _follower.Freshness;

    /// <summary>Begins to follow. The root need not exist.</summary>
    /// <param name="client">The client.</param>
    /// <param name="path">The root of the tree.</param>
    /// <param name="options">The options (default: the defaults).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The cache, empty at first: <see cref="WaitForInitialAsync"/>.</returns>
    /// <exception cref="ZooKeeperException">There was no connection in time.</exception>
    public static async Task<TreeCache> StartAsync(ZooKeeperClient client, string path, CacheOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        RecipePath.Check(path);
        return new TreeCache(path, await CacheFollower.StartAsync(client, path, isTree: true, options ?? new CacheOptions(), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Waits until the whole tree has been read once.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that completes then.</returns>
    /// <exception cref="ObjectDisposedException">The cache or its client was closed before.</exception>
    public Task WaitForInitialAsync(CancellationToken cancellationToken = default) => _follower.WaitForInitialAsync(cancellationToken);

    /// <summary>
    /// Follows the changes: what is held now as <see cref="CacheChangeType.Added"/>, then each change in the order in which it was taken in. A znode that was deleted and created anew is told as both.
    /// Each reader has its own queue; one that falls behind gets a <see cref="CacheChangeType.Gap"/> and slows down nobody.
    /// </summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The changes. Ends with the cache or its client.</returns>
    public IAsyncEnumerable<CacheChange> ReadChangesAsync(CancellationToken cancellationToken = default) => _follower.ReadChangesAsync(cancellationToken);

    /// <summary>Follows no more.</summary>
    /// <returns>A task that completes when the loop has ended.</returns>
    public ValueTask DisposeAsync() => _follower.DisposeAsync();

    /// <summary>How often data were read; for tests.</summary>
    internal long DataReads => _follower.DataReads;
}
