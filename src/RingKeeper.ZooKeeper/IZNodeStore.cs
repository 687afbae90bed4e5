namespace RingKeeper.ZooKeeper;

/// <summary>
/// What the checkers' decisions ask of ZooKeeper: <see cref="ZooKeeperClient"/>, or the model of it that the simulator runs the same decisions
/// over, in one thread and in virtual time. Members mean what they mean there.
/// </summary>
internal interface IZNodeStore
{
    SessionSnapshot Session { get; }

    Task<string> CreateAsync(
        string path, ReadOnlyMemory<byte> data, CreateMode mode = CreateMode.Persistent, IReadOnlyList<Acl>? acl = null, CancellationToken cancellationToken = default);

    Task DeleteAsync(string path, int version = -1, CancellationToken cancellationToken = default);

    Task<Stat?> ExistsAsync(string path, CancellationToken cancellationToken = default);

    Task<NodeData> GetDataAsync(string path, CancellationToken cancellationToken = default);

    Task<Stat> SetDataAsync(string path, ReadOnlyMemory<byte> data, int version = -1, CancellationToken cancellationToken = default);

    Task<NodeChildren> GetChildrenAsync(string path, CancellationToken cancellationToken = default);

    Task<WatchedResult<NodeChildren>> GetChildrenAndWatchAsync(string path, CancellationToken cancellationToken = default);

    Task<NodeAcl> GetAclAsync(string path, CancellationToken cancellationToken = default);

    Task<IReadOnlyList<ZooKeeperOpResult>> MultiAsync(IReadOnlyList<ZooKeeperOp> operations, CancellationToken cancellationToken = default);

    /// <summary>Sets a persistent watch; every event goes to the listener, which must not block, until the lease is disposed.</summary>
    Task<IAsyncDisposable> WatchAsync(string path, WatchMode mode, Action<WatchedEvent> heard, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives the same znodes for as long as the session stays connected without a break: what is asked after that is refused with
    /// <see cref="ZooKeeperErrorCode.ConnectionLoss"/> or <see cref="ZooKeeperErrorCode.SessionExpired"/> and never sent.
    /// </summary>
    IZNodeStore BoundTo(SessionSnapshot session) => new SessionBoundStore(this, session);
}
