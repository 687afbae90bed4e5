namespace RingKeeper.ZooKeeper;

/// <summary>
/// A copy of one znode, kept up by a persistent watch (ZooKeeper 3.6). Reads of it are local. After a loss of the connection it is looked at again.
/// </summary>
/// <remarks>It holds the latest state; states in between may be left out.</remarks>
public sealed class NodeCache : IAsyncDisposable
{
    private readonly CacheFollower _follower;

    private NodeCache(string path, CacheFollower follower) => (Path, _follower) = (path, follower);

    /// <summary>Gets the znode's path.</summary>
    public string Path { get; }

    /// <summary>Gets the znode as it was last seen; null where it does not exist.</summary>
    public CachedNode? Node => _follower.Nodes.GetValueOrDefault(Path);

    /// <summary>Gets how fresh it is.</summary>
    public CacheFreshness Freshness => _follower.Freshness;

    /// <summary>Begins to follow. The znode need not exist.</summary>
    /// <param name="client">The client.</param>
    /// <param name="path">The znode.</param>
    /// <param name="options">The options (default: the defaults).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The cache, empty at first: <see cref="WaitForInitialAsync"/>.</returns>
    /// <exception cref="ZooKeeperException">There was no connection in time.</exception>
    public static async Task<NodeCache> StartAsync(ZooKeeperClient client, string path, CacheOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        RecipePath.Check(path);
        return new NodeCache(path, await CacheFollower.StartAsync(client, path, isTree: false, options ?? new CacheOptions(), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Waits until the znode has been looked at once.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that completes then.</returns>
    /// <exception cref="ObjectDisposedException">The cache or its client was closed before.</exception>
    public Task WaitForInitialAsync(CancellationToken cancellationToken = default) => _follower.WaitForInitialAsync(cancellationToken);

    /// <summary>Follows the changes: the znode as it is, if it exists, then each change. One that was deleted and created anew is told as both.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The changes. Ends with the cache or its client.</returns>
    public IAsyncEnumerable<CacheChange> ReadChangesAsync(CancellationToken cancellationToken = default) => _follower.ReadChangesAsync(cancellationToken);

    /// <summary>Follows no more.</summary>
    /// <returns>A task that completes when the loop has ended.</returns>
    public ValueTask DisposeAsync() => _follower.DisposeAsync();
}
