using RingKeeper.ZooKeeper.Session;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper;

/// <summary>
/// A client of a ZooKeeper ensemble, 3.6 or later. Safe for any number of concurrent callers; one per process is enough.
/// </summary>
/// <remarks>
/// <para>One client outlives connections and sessions. While the connection is lost, requests that were not yet written wait up to
/// <see cref="ZooKeeperClientOptions.UnsentTimeout"/> and then fail as <see cref="OperationOutcome.NotSent"/>; written ones fail at
/// once as <see cref="OperationOutcome.Unknown"/>. When the session expires, everything that waits fails with
/// <see cref="ZooKeeperErrorCode.SessionExpired"/> and the client opens a new session, whose epoch is one higher.</para>
/// <para>Requests of one caller are executed in the order in which the methods are called. A watch's event is handed over before the
/// result of any later request. Methods throw <see cref="ZooKeeperException"/> when an operation fails,
/// <see cref="ArgumentException"/> for an invalid path and <see cref="ObjectDisposedException"/> once the client is closed.
/// Cancelling ends the waiting; a request that was written already may still be applied.</para>
/// </remarks>
public sealed class ZooKeeperClient : IZNodeStore, IAsyncDisposable
{
    private readonly ClientSession _session;
    private readonly SessionLoop _loop;
    private readonly Chroot _chroot;
    private readonly IReadOnlyList<Acl> _defaultAcl;
    private readonly ZooKeeperClientOptions _options;
    private readonly SessionSnapshot? _boundTo;

    private ZooKeeperClient(ZooKeeperClientOptions options, ConnectString connectString)
    {
        (_chroot, _defaultAcl, _options) = (connectString.Chroot, options.DefaultAcl, options);
        _session = new ClientSession(options, _chroot);
        _loop = new SessionLoop(options, connectString, _session);
    }

    // Shares everything with the client it was made from.
    private ZooKeeperClient(ZooKeeperClient client, SessionSnapshot boundTo)
    {
        (_chroot, _defaultAcl, _options, _session, _loop) = (client._chroot, client._defaultAcl, client._options, client._session, client._loop);
        _boundTo = boundTo;
    }

    /// <summary>The ACL of znodes that are created without one.</summary>
    internal IReadOnlyList<Acl> DefaultAcl => _defaultAcl;

    /// <summary>Gets the session as it is now.</summary>
    public SessionSnapshot Session => _session.Feed.Current;

    /// <summary>Connects with default options.</summary>
    /// <param name="connectString">The servers and the chroot: <c>host:port,host:port/chroot</c>.</param>
    /// <param name="cancellationToken">Gives up; nothing is left behind.</param>
    /// <returns>The client, connected.</returns>
    /// <exception cref="ArgumentException">The connect string is invalid.</exception>
    /// <exception cref="ZooKeeperException">No server gave a session in time, or the chroot does not exist.</exception>
    public static Task<ZooKeeperClient> ConnectAsync(string connectString, CancellationToken cancellationToken = default) =>
        ConnectAsync(new ZooKeeperClientOptions { ConnectString = connectString }, cancellationToken);

    /// <summary>Connects.</summary>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Gives up; nothing is left behind.</param>
    /// <returns>The client, connected.</returns>
    /// <exception cref="ArgumentException">The connect string or another option is invalid.</exception>
    /// <exception cref="ZooKeeperException">
    /// No server gave a session within <see cref="ZooKeeperClientOptions.StartTimeout"/> (the message names each and its last error), or the chroot does not exist.
    /// </exception>
    public static async Task<ZooKeeperClient> ConnectAsync(ZooKeeperClientOptions options, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var client = Open(options);
        try
        {
            await client.WaitForSessionAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Begins to connect and does not wait for it. Requests wait for the session up to <see cref="ZooKeeperClientOptions.UnsentTimeout"/>; the client goes on
    /// trying for as long as it takes. A chroot that does not exist shows as <see cref="ZooKeeperErrorCode.NoNode"/> of every request.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <returns>The client, connecting; dispose it.</returns>
    /// <exception cref="ArgumentException">The connect string or another option is invalid.</exception>
    public static ZooKeeperClient Open(ZooKeeperClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionsRules.Check(options);
        var connectString = ConnectString.Parse(options.ConnectString);
        return new ZooKeeperClient(options with { Logger = new ShieldedLogger(options.Logger) }, connectString);
    }

    /// <summary>Reads the present session and then every change of it; none is dropped. Ends after <see cref="SessionState.Closed"/>.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The snapshots.</returns>
    public IAsyncEnumerable<SessionSnapshot> WatchSessionAsync(CancellationToken cancellationToken = default) => _session.Feed.ReadAllAsync(cancellationToken);

    /// <summary>Creates a znode.</summary>
    /// <param name="path">The path; the server appends a number in the sequential modes.</param>
    /// <param name="data">The data; it is copied before the method returns.</param>
    /// <param name="mode">How long it lives and whether it is numbered (default: persistent).</param>
    /// <param name="acl">The ACL (default: <see cref="ZooKeeperClientOptions.DefaultAcl"/>).</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The path, with its number in the sequential modes.</returns>
    public Task<string> CreateAsync(
        string path, ReadOnlyMemory<byte> data, CreateMode mode = CreateMode.Persistent, IReadOnlyList<Acl>? acl = null, CancellationToken cancellationToken = default)
    {
        var target = Target(path, MultiRequest.IsSequential(mode));
        var body = RequestBody.Encode(new CreateRecord(target, data, acl ?? _defaultAcl, (int)mode), static (writer, record) => record.Write(writer));
        var chroot = _chroot;
        return SendAsync<string>(
            OpCode.Create,
            path,
            body,
            (ref JuteReader reply) => chroot.ToClientCreated(reply.ReadString()),
            cancellationToken);
    }

    /// <summary>Deletes a znode.</summary>
    /// <param name="path">The path.</param>
    /// <param name="version">The version it must have (default: -1, any).</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that completes when the znode is deleted.</returns>
    public Task DeleteAsync(string path, int version = -1, CancellationToken cancellationToken = default)
    {
        var body = RequestBody.Encode(new PathVersionRecord(Target(path), version), static (writer, record) => record.Write(writer));
        return SendAsync(OpCode.Delete, path, body, Nothing, cancellationToken);
    }

    /// <summary>Describes a znode.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The description, or null when the znode does not exist.</returns>
    public Task<Stat?> ExistsAsync(string path, CancellationToken cancellationToken = default) =>
        SendAsync(new ExistsRequest(path, EncodeRead(path)), cancellationToken);

    /// <summary>Describes a znode and watches it: for its creation when it does not exist, otherwise for its deletion or a change of its data.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the waiting; a watch is then not left.</param>
    /// <returns>The description, or null when the znode does not exist, and the watch.</returns>
    public Task<WatchedResult<Stat?>> ExistsAndWatchAsync(string path, CancellationToken cancellationToken = default) =>
        SendAsync(new WatchedRead<Stat?>(OpCode.Exists, path, EncodeRead(path), OneShotKind.Data, StatOf), cancellationToken);

    /// <summary>Reads the data of a znode.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The data and the description.</returns>
    public Task<NodeData> GetDataAsync(string path, CancellationToken cancellationToken = default) =>
        SendAsync(OpCode.GetData, path, EncodeRead(path), DataOf, cancellationToken);

    /// <summary>Reads the data of a znode and watches it for deletion or a change of its data.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the waiting; a watch is then not left.</param>
    /// <returns>The data, the description and the watch.</returns>
    public Task<WatchedResult<NodeData>> GetDataAndWatchAsync(string path, CancellationToken cancellationToken = default) =>
        SendAsync(new WatchedRead<NodeData>(OpCode.GetData, path, EncodeRead(path), OneShotKind.Data, DataOf), cancellationToken);

    /// <summary>Replaces the data of a znode.</summary>
    /// <param name="path">The path.</param>
    /// <param name="data">The data; it is copied before the method returns.</param>
    /// <param name="version">The version it must have (default: -1, any).</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The description after the change.</returns>
    public Task<Stat> SetDataAsync(string path, ReadOnlyMemory<byte> data, int version = -1, CancellationToken cancellationToken = default)
    {
        var body = RequestBody.Encode(new SetDataRecord(Target(path), data, version), static (writer, record) => record.Write(writer));
        return SendAsync(OpCode.SetData, path, body, (ref JuteReader reply) => StatRecord.Read(ref reply), cancellationToken);
    }

    /// <summary>Lists the children of a znode.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The names and the description of the parent.</returns>
    public Task<NodeChildren> GetChildrenAsync(string path, CancellationToken cancellationToken = default) =>
        SendAsync(OpCode.GetChildren2, path, EncodeRead(path), ChildrenOf, cancellationToken);

    /// <summary>Lists the children of a znode and watches for their coming and going, and for the deletion of the znode.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the waiting; a watch is then not left.</param>
    /// <returns>The names, the description of the parent and the watch.</returns>
    public Task<WatchedResult<NodeChildren>> GetChildrenAndWatchAsync(string path, CancellationToken cancellationToken = default) =>
        SendAsync(new WatchedRead<NodeChildren>(OpCode.GetChildren2, path, EncodeRead(path), OneShotKind.Child, ChildrenOf), cancellationToken);

    /// <summary>Reads the access control list of a znode.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The list and the description.</returns>
    public Task<NodeAcl> GetAclAsync(string path, CancellationToken cancellationToken = default)
    {
        var body = RequestBody.Encode(Target(path), static (writer, target) => writer.WriteString(target));
        return SendAsync(OpCode.GetAcl, path, body, AclOf, cancellationToken);
    }

    /// <summary>Makes the connected server catch up with the leader, so that a read sent after it sees what was written before it.</summary>
    /// <param name="path">Any valid path; the whole tree is synced.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that completes when the server has caught up. A read may be sent without awaiting it: the order holds.</returns>
    public Task SyncAsync(string path, CancellationToken cancellationToken = default)
    {
        var body = RequestBody.Encode(Target(path), static (writer, target) => writer.WriteString(target));
        return SendAsync(OpCode.Sync, path, body, Nothing, cancellationToken);
    }

    /// <summary>Applies all operations at once or none.</summary>
    /// <param name="operations">The operations, executed in order.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The result of each operation.</returns>
    /// <exception cref="ZooKeeperMultiException">An operation was refused; nothing was applied.</exception>
    public Task<IReadOnlyList<ZooKeeperOpResult>> MultiAsync(IReadOnlyList<ZooKeeperOp> operations, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(operations);
        IReadOnlyList<ZooKeeperOp> copy = [.. operations];
        foreach (var operation in copy)
        {
            ArgumentNullException.ThrowIfNull(operation, nameof(operations));
            Target(operation.Path, MultiRequest.IsSequential(operation));
        }

        var body = RequestBody.Encode(
            (Operations: copy, Chroot: _chroot, Acl: _defaultAcl),
            static (writer, state) => MultiRequest.Write(writer, state.Operations, state.Chroot, state.Acl));
        return SendAsync(new MultiRequest(copy, body, _chroot), cancellationToken);
    }

    /// <summary>Adds an identity to the session; it is proved again on each connection.</summary>
    /// <param name="scheme">The scheme, such as <c>digest</c>.</param>
    /// <param name="credentials">The credentials, for <c>digest</c> <c>user:password</c> in UTF-8. They are kept in memory and never logged.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that completes when the server has accepted them.</returns>
    /// <exception cref="ZooKeeperException">
    /// The server refused them (<see cref="ZooKeeperErrorCode.AuthFailed"/>): the session's state is then <see cref="SessionState.AuthFailed"/> and the client of no use any more.
    /// </exception>
    public Task AddAuthAsync(string scheme, ReadOnlyMemory<byte> credentials, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(scheme);
        return SendAsync(new AuthRequest(new AuthRecord(0, scheme, credentials.ToArray())), cancellationToken);
    }

    /// <summary>Sets a persistent watch (ZooKeeper 3.6 or later). The znode need not exist.</summary>
    /// <param name="path">The path.</param>
    /// <param name="mode">The znode itself, or all below it too.</param>
    /// <param name="cancellationToken">Ends the waiting; a watch is then not left.</param>
    /// <returns>The subscription; the watch is set when the task completes.</returns>
    public Task<WatchSubscription> WatchAsync(string path, WatchMode mode, CancellationToken cancellationToken = default)
    {
        Target(path);
        return _session.SubscribeAsync(path, mode, _boundTo, cancellationToken);
    }

    /// <inheritdoc/>
    IZNodeStore IZNodeStore.BoundTo(SessionSnapshot session) => new ZooKeeperClient(this, session);

    async Task<IAsyncDisposable> IZNodeStore.WatchAsync(string path, WatchMode mode, Action<WatchedEvent> heard, CancellationToken cancellationToken)
    {
        var watch = await WatchAsync(path, mode, cancellationToken).ConfigureAwait(false);

        // Ends with the subscription.
        _ = TellAsync(watch, heard);
        return watch;
    }

    /// <summary>
    /// Closes the session, so that its ephemeral znodes go at once, waiting at most min(1 s, a third of the session timeout) for the server;
    /// without a connection the server expires it later. What still waits fails; watches report <see cref="WatchedEventType.Closed"/>. May be called again.
    /// </summary>
    /// <returns>A task that completes when everything is released.</returns>
    public async ValueTask DisposeAsync() => await _loop.CloseAsync().ConfigureAwait(false);

    /// <summary>The timestamp at which a server was last heard; zero before the first session.</summary>
    internal long LastContact => _session.LastContact;

    /// <summary>Drops everything without closing the session, as a killed process would; for tests.</summary>
    internal void Abort() => _loop.Abort();

    private static async Task TellAsync(WatchSubscription watch, Action<WatchedEvent> heard)
    {
        await foreach (var change in watch.ReadAllAsync().ConfigureAwait(false))
        {
            heard(change);
        }
    }

    private static bool Nothing(ref JuteReader reply) => true;

    private static Stat? StatOf(ref JuteReader reply) => StatRecord.Read(ref reply);

    private static NodeData DataOf(ref JuteReader reply) => new(reply.ReadBuffer() ?? [], StatRecord.Read(ref reply));

    private static NodeChildren ChildrenOf(ref JuteReader reply) => new(reply.ReadStrings(), StatRecord.Read(ref reply));

    private static NodeAcl AclOf(ref JuteReader reply) => new(AclRecords.Read(ref reply), StatRecord.Read(ref reply));

    /// <summary>Waits for the first session and checks the chroot; what <see cref="ConnectAsync(ZooKeeperClientOptions, CancellationToken)"/> does beyond <see cref="Open"/>.</summary>
    internal async Task WaitForSessionAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _session.FirstSession.WaitAsync(_options.StartTimeout, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw new ZooKeeperException(
                ZooKeeperErrorCode.ConnectionLoss,
                path: null,
                OperationOutcome.NotSent,
                $"No ZooKeeper server gave a session within {_options.StartTimeout.TotalSeconds:0.###} s ({_loop.DescribeFailures()}). Check the servers and the connect string.",
                exception);
        }

        if (!_chroot.IsNone && await ChrootIsMissingAsync(cancellationToken).ConfigureAwait(false))
        {
            throw new ZooKeeperException(
                ZooKeeperErrorCode.NoNode,
                _chroot.Prefix,
                OperationOutcome.Refused,
                $"The chroot '{_chroot.Prefix}' of the connect string does not exist. Create this znode with a client without chroot, or correct the connect string.");
        }
    }

    private async Task<bool> ChrootIsMissingAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ExistsAsync("/", cancellationToken).ConfigureAwait(false) is null;
        }
        catch (ZooKeeperException exception) when (exception.Code == ZooKeeperErrorCode.NoAuth)
        {
            // Servers from 3.8.4 ask for the permission to read: the znode exists.
            return false;
        }
    }

    private string Target(string path, bool sequential = false)
    {
        ArgumentNullException.ThrowIfNull(path);
        return PathRules.Flaw(path, sequential) is { } flaw
            ? throw new ArgumentException($"The path '{path}' is invalid: {flaw}.", nameof(path))
            : _chroot.ToServer(path, sequential);
    }

    private byte[] EncodeRead(string path) =>
        RequestBody.Encode(new PathWatchRecord(Target(path), Watch: false), static (writer, record) => record.Write(writer));

    private Task<T> SendAsync<T>(OpCode type, string path, byte[] body, ReplyParser<T> parse, CancellationToken cancellationToken) =>
        SendAsync(new Request<T>(type, path, body, parse), cancellationToken);

    private Task<T> SendAsync<T>(Request<T> request, CancellationToken cancellationToken)
    {
        request.BoundTo = _boundTo;
        return _session.SendAsync(request, cancellationToken);
    }
}
