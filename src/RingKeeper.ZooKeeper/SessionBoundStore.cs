namespace RingKeeper.ZooKeeper;

/// <summary>
/// A store as it is until its session breaks. Looks at the session before each request, which is enough where nothing else can happen between
/// the look and the request; <see cref="ZooKeeperClient"/> has its own way, under the lock of its session.
/// </summary>
internal sealed class SessionBoundStore(IZNodeStore store, SessionSnapshot session) : IZNodeStore
{
    public SessionSnapshot Session => store.Session;

    private IZNodeStore Bound => session.Lasts(store.Session) ? store : throw Over(session, store.Session, path: null);

    /// <summary>Tells that the session a request was meant for is over, or was continued by another connection.</summary>
    public static ZooKeeperException Over(SessionSnapshot bound, SessionSnapshot now, string? path)
    {
        var code = now.Epoch != bound.Epoch || now.State is SessionState.Lost or SessionState.Connecting ? ZooKeeperErrorCode.SessionExpired : ZooKeeperErrorCode.ConnectionLoss;
        return new ZooKeeperException(
            code, path, OperationOutcome.NotSent, $"The request was meant for connection {bound.Connection} of session 0x{bound.SessionId:x}, which has ended ({now.State}); it was not sent.");
    }

    public async Task<string> CreateAsync(
        string path, ReadOnlyMemory<byte> data, CreateMode mode = CreateMode.Persistent, IReadOnlyList<Acl>? acl = null, CancellationToken cancellationToken = default) =>
        await Bound.CreateAsync(path, data, mode, acl, cancellationToken).ConfigureAwait(false);

    public async Task DeleteAsync(string path, int version = -1, CancellationToken cancellationToken = default) =>
        await Bound.DeleteAsync(path, version, cancellationToken).ConfigureAwait(false);

    public async Task<Stat?> ExistsAsync(string path, CancellationToken cancellationToken = default) =>
        await Bound.ExistsAsync(path, cancellationToken).ConfigureAwait(false);

    public async Task<NodeData> GetDataAsync(string path, CancellationToken cancellationToken = default) =>
        await Bound.GetDataAsync(path, cancellationToken).ConfigureAwait(false);

    public async Task<Stat> SetDataAsync(string path, ReadOnlyMemory<byte> data, int version = -1, CancellationToken cancellationToken = default) =>
        await Bound.SetDataAsync(path, data, version, cancellationToken).ConfigureAwait(false);

    public async Task<NodeChildren> GetChildrenAsync(string path, CancellationToken cancellationToken = default) =>
        await Bound.GetChildrenAsync(path, cancellationToken).ConfigureAwait(false);

    public async Task<WatchedResult<NodeChildren>> GetChildrenAndWatchAsync(string path, CancellationToken cancellationToken = default) =>
        await Bound.GetChildrenAndWatchAsync(path, cancellationToken).ConfigureAwait(false);

    public async Task<NodeAcl> GetAclAsync(string path, CancellationToken cancellationToken = default) =>
        await Bound.GetAclAsync(path, cancellationToken).ConfigureAwait(false);

    public async Task<IReadOnlyList<ZooKeeperOpResult>> MultiAsync(IReadOnlyList<ZooKeeperOp> operations, CancellationToken cancellationToken = default) =>
        await Bound.MultiAsync(operations, cancellationToken).ConfigureAwait(false);

    public async Task<IAsyncDisposable> WatchAsync(string path, WatchMode mode, Action<WatchedEvent> heard, CancellationToken cancellationToken = default) =>
        await Bound.WatchAsync(path, mode, heard, cancellationToken).ConfigureAwait(false);

    public IZNodeStore BoundTo(SessionSnapshot other) => new SessionBoundStore(store, other);
}
