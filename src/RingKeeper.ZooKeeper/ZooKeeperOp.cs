namespace RingKeeper.ZooKeeper;

/// <summary>One operation of a multi; all of them are applied or none.</summary>
public abstract record ZooKeeperOp
{
    private protected ZooKeeperOp(string path) => Path = path;

    /// <summary>Gets the path the operation is about.</summary>
    public string Path { get; }

    /// <summary>Creates a znode.</summary>
    /// <param name="path">The path.</param>
    /// <param name="data">The data.</param>
    /// <param name="mode">How long it lives and whether it is numbered (default: persistent).</param>
    /// <param name="acl">The ACL (default: the client's default).</param>
    /// <returns>The operation.</returns>
    public static ZooKeeperOp Create(string path, ReadOnlyMemory<byte> data, CreateMode mode = CreateMode.Persistent, IReadOnlyList<Acl>? acl = null)
        => new CreateOp(path, data, mode, acl);

    /// <summary>Deletes a znode.</summary>
    /// <param name="path">The path.</param>
    /// <param name="version">The version it must have; -1 for any.</param>
    /// <returns>The operation.</returns>
    public static ZooKeeperOp Delete(string path, int version = -1) => new DeleteOp(path, version);

    /// <summary>Replaces the data of a znode.</summary>
    /// <param name="path">The path.</param>
    /// <param name="data">The data.</param>
    /// <param name="version">The version it must have; -1 for any.</param>
    /// <returns>The operation.</returns>
    public static ZooKeeperOp SetData(string path, ReadOnlyMemory<byte> data, int version = -1) => new SetDataOp(path, data, version);

    /// <summary>Demands that a znode exists with a version; changes nothing.</summary>
    /// <param name="path">The path.</param>
    /// <param name="version">The version it must have; -1 for any.</param>
    /// <returns>The operation.</returns>
    public static ZooKeeperOp Check(string path, int version = -1) => new CheckOp(path, version);

    internal sealed record CreateOp(string Target, ReadOnlyMemory<byte> Data, CreateMode Mode, IReadOnlyList<Acl>? Acl) : ZooKeeperOp(Target);

    internal sealed record DeleteOp(string Target, int Version) : ZooKeeperOp(Target);

    internal sealed record SetDataOp(string Target, ReadOnlyMemory<byte> Data, int Version) : ZooKeeperOp(Target);

    internal sealed record CheckOp(string Target, int Version) : ZooKeeperOp(Target);
}

/// <summary>The result of one operation of a multi that was applied.</summary>
/// <param name="Path">The path of the znode; for a numbered create the path with its number.</param>
/// <param name="Stat">The description after a change of data; otherwise null.</param>
public readonly record struct ZooKeeperOpResult(string Path, Stat? Stat);
