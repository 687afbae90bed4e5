using RingKeeper.ZooKeeper.Session;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper;

/// <content>What is asked of znodes.</content>
public sealed partial class ZooKeeperClient
{
    /// <summary>Creates a znode.</summary>
    /// <param name="path">The path; the server appends a number in the sequential modes.</param>
    /// <param name="data">The data; it is copied before the method returns.</param>
    /// <param name="mode">How long it lives and whether it is numbered (default: persistent).</param>
    /// <param name="acl">The ACL (default: <see cref="ZooKeeperClientOptions.DefaultAcl"/>).</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The path, with its number in the sequential modes.</returns>
    /// <exception cref="ZooKeeperServerTooOldException">The mode is <see cref="CreateMode.Container"/> and the server is older than 3.5.3.</exception>
    public ValueTask<string> CreateAsync(
        string path, ReadOnlyMemory<byte> data, CreateMode mode = CreateMode.Persistent, IReadOnlyList<Acl>? acl = null, CancellationToken cancellationToken = default)
    {
        var target = Target(path, MultiRequest.IsSequential(mode));
        return SendAsync(mode == CreateMode.Container ? OpCode.CreateContainer : OpCode.Create, path, new CreateRecord(target, data, acl ?? _defaultAcl, (int)mode), CreatedOf, cancellationToken);
    }

    /// <summary>Deletes a znode.</summary>
    /// <param name="path">The path.</param>
    /// <param name="version">The version it must have (default: -1, any).</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that completes when the znode is deleted.</returns>
    public ValueTask DeleteAsync(string path, int version = -1, CancellationToken cancellationToken = default)
    {
        return SendOnlyAsync(OpCode.Delete, path, new PathVersionRecord(Target(path), version), cancellationToken);
    }

    /// <summary>Describes a znode.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The description, or null when the znode does not exist.</returns>
    public ValueTask<Stat?> ExistsAsync(string path, CancellationToken cancellationToken = default) =>
        SendAsync<PathWatchRecord, Stat?>(OpCode.Exists, path, new PathWatchRecord(Target(path), Watch: false), StatOf, cancellationToken);

    /// <summary>Describes a znode and watches it: for its creation when it does not exist, otherwise for its deletion or a change of its data.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the waiting; a watch is then not left.</param>
    /// <returns>The description, or null when the znode does not exist, and the watch.</returns>
    public ValueTask<WatchedResult<Stat?>> ExistsAndWatchAsync(string path, CancellationToken cancellationToken = default) =>
        SendAsync(new WatchedRead<Stat?>(OpCode.Exists, path, EncodeRead(path), OneShotKind.Data, StatOf), cancellationToken);

    /// <summary>Reads the data of a znode.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The data and the description.</returns>
    public ValueTask<NodeData> GetDataAsync(string path, CancellationToken cancellationToken = default) =>
        SendAsync(OpCode.GetData, path, new PathWatchRecord(Target(path), Watch: false), DataOf, cancellationToken);

    /// <summary>Reads the data of a znode and watches it for deletion or a change of its data.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the waiting; a watch is then not left.</param>
    /// <returns>The data, the description and the watch.</returns>
    public ValueTask<WatchedResult<NodeData>> GetDataAndWatchAsync(string path, CancellationToken cancellationToken = default) =>
        SendAsync(new WatchedRead<NodeData>(OpCode.GetData, path, EncodeRead(path), OneShotKind.Data, DataOf), cancellationToken);

    /// <summary>Replaces the data of a znode.</summary>
    /// <param name="path">The path.</param>
    /// <param name="data">The data; it is copied before the method returns.</param>
    /// <param name="version">The version it must have (default: -1, any).</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The description after the change.</returns>
    public ValueTask<Stat> SetDataAsync(string path, ReadOnlyMemory<byte> data, int version = -1, CancellationToken cancellationToken = default)
    {
        return SendAsync(OpCode.SetData, path, new SetDataRecord(Target(path), data, version), ChangedOf, cancellationToken);
    }

    /// <summary>Lists the children of a znode.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The names and the description of the parent.</returns>
    public ValueTask<NodeChildren> GetChildrenAsync(string path, CancellationToken cancellationToken = default) =>
        SendAsync(OpCode.GetChildren2, path, new PathWatchRecord(Target(path), Watch: false), ChildrenOf, cancellationToken);

    /// <summary>Lists the children of a znode and watches for their coming and going, and for the deletion of the znode.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the waiting; a watch is then not left.</param>
    /// <returns>The names, the description of the parent and the watch.</returns>
    public ValueTask<WatchedResult<NodeChildren>> GetChildrenAndWatchAsync(string path, CancellationToken cancellationToken = default) =>
        SendAsync(new WatchedRead<NodeChildren>(OpCode.GetChildren2, path, EncodeRead(path), OneShotKind.Child, ChildrenOf), cancellationToken);

    /// <summary>Reads the access control list of a znode.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The list and the description.</returns>
    public ValueTask<NodeAcl> GetAclAsync(string path, CancellationToken cancellationToken = default)
    {
        return SendAsync(OpCode.GetAcl, path, new PathRecord(Target(path)), AclOf, cancellationToken);
    }

    /// <summary>Makes the connected server catch up with the leader, so that a read sent after it sees what was written before it.</summary>
    /// <param name="path">Any valid path; the whole tree is synced.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that completes when the server has caught up. A read may be sent without awaiting it: the order holds.</returns>
    public ValueTask SyncAsync(string path, CancellationToken cancellationToken = default)
    {
        return SendOnlyAsync(OpCode.Sync, path, new PathRecord(Target(path)), cancellationToken);
    }

    /// <summary>Applies all operations at once or none.</summary>
    /// <param name="operations">The operations, executed in order.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The result of each operation.</returns>
    /// <exception cref="ZooKeeperMultiException">An operation was refused; nothing was applied.</exception>
    public ValueTask<IReadOnlyList<ZooKeeperOpResult>> MultiAsync(IReadOnlyList<ZooKeeperOp> operations, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(operations);
        IReadOnlyList<ZooKeeperOp> copy = [.. operations];
        foreach (var operation in copy)
        {
            ArgumentNullException.ThrowIfNull(operation, nameof(operations));
            Target(operation.Path, MultiRequest.IsSequential(operation));
        }

        return SendAsync(new MultiRequest(copy, RequestBody.Encode(new MultiRecord(copy, _chroot, _defaultAcl)), _chroot), cancellationToken);
    }

    /// <summary>Adds an identity to the session; it is proved again on each connection.</summary>
    /// <param name="scheme">The scheme, such as <c>digest</c>.</param>
    /// <param name="credentials">The credentials, for <c>digest</c> <c>user:password</c> in UTF-8. They are kept in memory and never logged.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that completes when the server has accepted them.</returns>
    /// <exception cref="ZooKeeperException">
    /// The server refused them (<see cref="ZooKeeperErrorCode.AuthFailed"/>): the session's state is then <see cref="SessionState.AuthFailed"/> and the client of no use any more.
    /// </exception>
    public ValueTask AddAuthAsync(string scheme, ReadOnlyMemory<byte> credentials, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(scheme);
        return _session.SendOnlyAsync(new AuthRequest(new AuthRecord(0, scheme, credentials.ToArray())) { BoundTo = _boundTo }, cancellationToken);
    }

    private static bool Nothing(ref JuteReader reply, Chroot chroot) => true;

    private static string CreatedOf(ref JuteReader reply, Chroot chroot) => chroot.ToClientCreated(reply.ReadString());

    private static Stat ChangedOf(ref JuteReader reply, Chroot chroot) => StatRecord.Read(ref reply);

    private static Stat? StatOf(ref JuteReader reply, Chroot chroot) => StatRecord.Read(ref reply);

    private static NodeData DataOf(ref JuteReader reply, Chroot chroot) => new(reply.ReadBuffer() ?? [], StatRecord.Read(ref reply));

    private static NodeChildren ChildrenOf(ref JuteReader reply, Chroot chroot) => new(reply.ReadStrings(), StatRecord.Read(ref reply));

    private static NodeAcl AclOf(ref JuteReader reply, Chroot chroot) => new(AclRecords.Read(ref reply), StatRecord.Read(ref reply));

    private string Target(string path, bool sequential = false)
    {
        ArgumentNullException.ThrowIfNull(path);
        return PathRules.Flaw(path, sequential) is { } flaw
            ? throw new ArgumentException($"The path '{path}' is invalid: {flaw}.", nameof(path))
            : _chroot.ToServer(path, sequential);
    }

    private byte[] EncodeRead(string path) =>
        RequestBody.Encode(new PathWatchRecord(Target(path), Watch: false));

    private ValueTask<T> SendAsync<TRecord, T>(OpCode type, string? path, TRecord record, ReplyParser<T> parse, CancellationToken cancellationToken)
        where TRecord : struct, IRecord =>
        SendAsync(PooledRequest<T>.Rent(type, path, record, parse, _chroot), cancellationToken);

    private ValueTask SendOnlyAsync<TRecord>(OpCode type, string? path, TRecord record, CancellationToken cancellationToken)
        where TRecord : struct, IRecord
    {
        var request = PooledRequest<bool>.Rent(type, path, record, Nothing, _chroot);
        request.BoundTo = _boundTo;
        return _session.SendOnlyAsync(request, cancellationToken);
    }

    private ValueTask<T> SendAsync<T>(Request<T> request, CancellationToken cancellationToken)
    {
        request.BoundTo = _boundTo;
        return _session.SendAsync(request, cancellationToken);
    }
}
