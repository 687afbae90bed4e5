using RingKeeper.ZooKeeper.Wire;

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

    /// <summary>Creates a znode that the server removes once it has no children and was not changed for a time (ZooKeeper 3.5.3, extendedTypesEnabled).</summary>
    /// <param name="path">The path.</param>
    /// <param name="data">The data.</param>
    /// <param name="timeToLive">How long it lives without a change: from 1 ms to 2^40 - 1 ms (about 34 years), in whole milliseconds.</param>
    /// <param name="sequential">Whether the server appends a ten-digit number (default: no).</param>
    /// <param name="acl">The ACL (default: the client's default).</param>
    /// <returns>The operation.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is out of range.</exception>
    public static ZooKeeperOp CreateTtl(string path, ReadOnlyMemory<byte> data, TimeSpan timeToLive, bool sequential = false, IReadOnlyList<Acl>? acl = null)
        => new CreateTtlOp(path, data, CreateTtlRecord.MillisecondsOf(timeToLive), sequential, acl);

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

    internal sealed record CreateTtlOp(string Target, ReadOnlyMemory<byte> Data, long TtlMs, bool IsSequential, IReadOnlyList<Acl>? Acl) : ZooKeeperOp(Target);

    internal sealed record DeleteOp(string Target, int Version) : ZooKeeperOp(Target);

    internal sealed record SetDataOp(string Target, ReadOnlyMemory<byte> Data, int Version) : ZooKeeperOp(Target);

    internal sealed record CheckOp(string Target, int Version) : ZooKeeperOp(Target);
}

/// <summary>The result of one operation of a multi that was applied.</summary>
/// <param name="Path">The path of the znode; for a numbered create the path with its number.</param>
/// <param name="Stat">The description after a change of data, and of a container or a znode with a time to live; otherwise null.</param>
public readonly record struct ZooKeeperOpResult(string Path, Stat? Stat);
