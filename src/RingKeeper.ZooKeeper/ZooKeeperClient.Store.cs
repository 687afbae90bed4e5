namespace RingKeeper.ZooKeeper;

/// <content>The client as the store that decisions run over.</content>
public sealed partial class ZooKeeperClient
{
    /// <inheritdoc/>
    IZNodeStore IZNodeStore.BoundTo(SessionSnapshot session) => new ZooKeeperClient(this, session);

    async Task<IAsyncDisposable> IZNodeStore.WatchAsync(string path, WatchMode mode, Action<WatchedEvent> heard, CancellationToken cancellationToken)
    {
        var watch = await WatchAsync(path, mode, cancellationToken).ConfigureAwait(false);

        // Ends with the subscription.
        _ = TellAsync(watch, heard);
        return watch;
    }

    Task<string> IZNodeStore.CreateAsync(string path, ReadOnlyMemory<byte> data, CreateMode mode, IReadOnlyList<Acl>? acl, CancellationToken cancellationToken) =>
        CreateAsync(path, data, mode, acl, cancellationToken).AsTask();

    Task IZNodeStore.DeleteAsync(string path, int version, CancellationToken cancellationToken) => DeleteAsync(path, version, cancellationToken).AsTask();

    Task<Stat?> IZNodeStore.ExistsAsync(string path, CancellationToken cancellationToken) => ExistsAsync(path, cancellationToken).AsTask();

    Task<NodeData> IZNodeStore.GetDataAsync(string path, CancellationToken cancellationToken) => GetDataAsync(path, cancellationToken).AsTask();

    Task<Stat> IZNodeStore.SetDataAsync(string path, ReadOnlyMemory<byte> data, int version, CancellationToken cancellationToken) =>
        SetDataAsync(path, data, version, cancellationToken).AsTask();

    Task<NodeChildren> IZNodeStore.GetChildrenAsync(string path, CancellationToken cancellationToken) => GetChildrenAsync(path, cancellationToken).AsTask();

    Task<WatchedResult<NodeChildren>> IZNodeStore.GetChildrenAndWatchAsync(string path, CancellationToken cancellationToken) =>
        GetChildrenAndWatchAsync(path, cancellationToken).AsTask();

    Task<NodeAcl> IZNodeStore.GetAclAsync(string path, CancellationToken cancellationToken) => GetAclAsync(path, cancellationToken).AsTask();

    Task<IReadOnlyList<ZooKeeperOpResult>> IZNodeStore.MultiAsync(IReadOnlyList<ZooKeeperOp> operations, CancellationToken cancellationToken) =>
        MultiAsync(operations, cancellationToken).AsTask();

    private static async Task TellAsync(WatchSubscription watch, Action<WatchedEvent> heard)
    {
        await foreach (var change in watch.ReadAllAsync().ConfigureAwait(false))
        {
            heard(change);
        }
    }
}
