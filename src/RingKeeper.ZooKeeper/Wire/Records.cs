namespace RingKeeper.ZooKeeper.Wire;

// Records of zookeeper.jute, each able to write and to read itself, so that client and embedded server share them.

/// <summary>A record that a request carries.</summary>
internal interface IRecord
{
    void Write(FrameWriter writer);
}

/// <summary>getACL, sync, getAllChildrenNumber and getEphemerals: a path alone.</summary>
internal readonly record struct PathRecord(string Path) : IRecord
{
    public void Write(FrameWriter writer) => writer.WriteString(Path);
}

/// <summary>The first frame of a connection, client to server; it has no header.</summary>
internal readonly record struct ConnectRequest(int ProtocolVersion, long LastZxidSeen, int TimeoutMs, long SessionId, byte[]? Password, bool? ReadOnly) : IRecord
{
    public void Write(FrameWriter writer)
    {
        writer.WriteInt32(ProtocolVersion);
        writer.WriteInt64(LastZxidSeen);
        writer.WriteInt32(TimeoutMs);
        writer.WriteInt64(SessionId);
        writer.WriteBuffer(Password ?? new byte[16]);
        if (ReadOnly is { } readOnly)
        {
            writer.WriteBool(readOnly);
        }
    }

    public static ConnectRequest Read(ref JuteReader reader) => new(
        reader.ReadInt32(),
        reader.ReadInt64(),
        reader.ReadInt32(),
        reader.ReadInt64(),
        reader.ReadBuffer(),
        reader.Remaining > 0 ? reader.ReadBool() : null);
}

/// <summary>The server's answer; a timeout of zero or less means that the session was refused.</summary>
internal readonly record struct ConnectResponse(int ProtocolVersion, int TimeoutMs, long SessionId, byte[] Password, bool? ReadOnly)
{
    public void Write(FrameWriter writer)
    {
        writer.WriteInt32(ProtocolVersion);
        writer.WriteInt32(TimeoutMs);
        writer.WriteInt64(SessionId);
        writer.WriteBuffer(Password);
        if (ReadOnly is { } readOnly)
        {
            writer.WriteBool(readOnly);
        }
    }

    public static ConnectResponse Read(ref JuteReader reader) => new(
        reader.ReadInt32(),
        reader.ReadInt32(),
        reader.ReadInt64(),
        reader.ReadBuffer() ?? [],
        reader.Remaining > 0 ? reader.ReadBool() : null);
}

internal readonly record struct RequestHeader(int Xid, OpCode Type)
{
    public void Write(FrameWriter writer)
    {
        writer.WriteInt32(Xid);
        writer.WriteInt32((int)Type);
    }

    public static RequestHeader Read(ref JuteReader reader) => new(reader.ReadInt32(), (OpCode)reader.ReadInt32());
}

internal readonly record struct ReplyHeader(int Xid, long Zxid, ZooKeeperErrorCode Error)
{
    public const int Length = 16;

    public void Write(FrameWriter writer)
    {
        writer.WriteInt32(Xid);
        writer.WriteInt64(Zxid);
        writer.WriteInt32((int)Error);
    }

    public static ReplyHeader Read(ref JuteReader reader) => new(reader.ReadInt32(), reader.ReadInt64(), (ZooKeeperErrorCode)reader.ReadInt32());
}

internal readonly record struct MultiHeader(OpCode Type, bool Done, int Error)
{
    public static readonly MultiHeader End = new(OpCode.Error, true, -1);

    public void Write(FrameWriter writer)
    {
        writer.WriteInt32((int)Type);
        writer.WriteBool(Done);
        writer.WriteInt32(Error);
    }

    public static MultiHeader Read(ref JuteReader reader) => new((OpCode)reader.ReadInt32(), reader.ReadBool(), reader.ReadInt32());
}

internal readonly record struct WatcherEventRecord(int Type, int State, string Path)
{
    public void Write(FrameWriter writer)
    {
        writer.WriteInt32(Type);
        writer.WriteInt32(State);
        writer.WriteString(Path);
    }

    public static WatcherEventRecord Read(ref JuteReader reader) => new(reader.ReadInt32(), reader.ReadInt32(), reader.ReadString() ?? "");
}

/// <summary>create, create2 and createContainer; flags are the create mode.</summary>
internal readonly record struct CreateRecord(string Path, ReadOnlyMemory<byte> Data, IReadOnlyList<Acl> Acl, int Flags) : IRecord
{
    public void Write(FrameWriter writer)
    {
        writer.WriteString(Path);
        writer.WriteBuffer(Data.Span);
        AclRecords.Write(writer, Acl);
        writer.WriteInt32(Flags);
    }

    public static CreateRecord Read(ref JuteReader reader) =>
        new(reader.ReadPath(), reader.ReadBuffer(), AclRecords.Read(ref reader), reader.ReadInt32());
}

/// <summary>delete and check.</summary>
internal readonly record struct PathVersionRecord(string Path, int Version) : IRecord
{
    public void Write(FrameWriter writer)
    {
        writer.WriteString(Path);
        writer.WriteInt32(Version);
    }

    public static PathVersionRecord Read(ref JuteReader reader) => new(reader.ReadPath(), reader.ReadInt32());
}

/// <summary>exists, getData, getChildren and getChildren2.</summary>
internal readonly record struct PathWatchRecord(string Path, bool Watch) : IRecord
{
    public void Write(FrameWriter writer)
    {
        writer.WriteString(Path);
        writer.WriteBool(Watch);
    }

    public static PathWatchRecord Read(ref JuteReader reader) => new(reader.ReadPath(), reader.ReadBool());
}

internal readonly record struct SetDataRecord(string Path, ReadOnlyMemory<byte> Data, int Version) : IRecord
{
    public void Write(FrameWriter writer)
    {
        writer.WriteString(Path);
        writer.WriteBuffer(Data.Span);
        writer.WriteInt32(Version);
    }

    public static SetDataRecord Read(ref JuteReader reader) => new(reader.ReadString() ?? "", reader.ReadBuffer(), reader.ReadInt32());
}

/// <summary>addWatch, removeWatches and checkWatches: a path and a mode or type.</summary>
internal readonly record struct PathModeRecord(string Path, int Mode) : IRecord
{
    public void Write(FrameWriter writer)
    {
        writer.WriteString(Path);
        writer.WriteInt32(Mode);
    }

    public static PathModeRecord Read(ref JuteReader reader) => new(reader.ReadPath(), reader.ReadInt32());
}

internal readonly record struct AuthRecord(int Type, string Scheme, byte[] Auth) : IRecord
{
    public void Write(FrameWriter writer)
    {
        writer.WriteInt32(Type);
        writer.WriteString(Scheme);
        writer.WriteBuffer(Auth);
    }

    public bool IsSameAs(AuthRecord other) => Scheme == other.Scheme && Auth.AsSpan().SequenceEqual(other.Auth);

    public static AuthRecord Read(ref JuteReader reader) => new(reader.ReadInt32(), reader.ReadString() ?? "", reader.ReadBuffer() ?? []);
}

/// <summary>setWatches (three lists) and setWatches2 (five lists).</summary>
internal sealed record SetWatchesRecord(
    long RelativeZxid,
    IReadOnlyCollection<string> Data,
    IReadOnlyCollection<string> Exist,
    IReadOnlyCollection<string> Child,
    IReadOnlyCollection<string> Persistent,
    IReadOnlyCollection<string> PersistentRecursive)
{
    public void Write(FrameWriter writer, bool withPersistent)
    {
        writer.WriteInt64(RelativeZxid);
        writer.WriteStrings(Data);
        writer.WriteStrings(Exist);
        writer.WriteStrings(Child);
        if (withPersistent)
        {
            writer.WriteStrings(Persistent);
            writer.WriteStrings(PersistentRecursive);
        }
    }

    public static SetWatchesRecord Read(ref JuteReader reader, bool withPersistent) => new(
        reader.ReadInt64(),
        ReadPaths(ref reader),
        ReadPaths(ref reader),
        ReadPaths(ref reader),
        withPersistent ? ReadPaths(ref reader) : [],
        withPersistent ? ReadPaths(ref reader) : []);

    private static List<string> ReadPaths(ref JuteReader reader)
    {
        var count = reader.ReadCount(4);
        if (count < 0)
        {
            throw new JuteException("A list of paths is missing.");
        }

        var paths = new List<string>(count);
        for (var i = 0; i < count; i++)
        {
            paths.Add(reader.ReadPath());
        }

        return paths;
    }
}

/// <summary>One of the two forms of <see cref="SetWatchesRecord"/>.</summary>
internal readonly record struct SetWatchesBody(SetWatchesRecord Record, bool WithPersistent) : IRecord
{
    public void Write(FrameWriter writer) => Record.Write(writer, WithPersistent);
}

internal static class StatRecord
{
    public static void Write(FrameWriter writer, Stat stat)
    {
        writer.WriteInt64(stat.Czxid);
        writer.WriteInt64(stat.Mzxid);
        writer.WriteInt64(stat.Ctime);
        writer.WriteInt64(stat.Mtime);
        writer.WriteInt32(stat.Version);
        writer.WriteInt32(stat.Cversion);
        writer.WriteInt32(stat.Aversion);
        writer.WriteInt64(stat.EphemeralOwner);
        writer.WriteInt32(stat.DataLength);
        writer.WriteInt32(stat.NumChildren);
        writer.WriteInt64(stat.Pzxid);
    }

    public static Stat Read(ref JuteReader reader) => new(
        reader.ReadInt64(),
        reader.ReadInt64(),
        reader.ReadInt64(),
        reader.ReadInt64(),
        reader.ReadInt32(),
        reader.ReadInt32(),
        reader.ReadInt32(),
        reader.ReadInt64(),
        reader.ReadInt32(),
        reader.ReadInt32(),
        reader.ReadInt64());
}

internal static class AclRecords
{
    public static void Write(FrameWriter writer, IReadOnlyList<Acl> acl)
    {
        writer.WriteInt32(acl.Count);
        foreach (var entry in acl)
        {
            writer.WriteInt32((int)entry.Permissions);
            writer.WriteString(entry.Scheme);
            writer.WriteString(entry.Id);
        }
    }

    public static List<Acl> Read(ref JuteReader reader)
    {
        var count = reader.ReadCount(12);
        var acl = new List<Acl>(Math.Max(count, 0));
        for (var i = 0; i < count; i++)
        {
            acl.Add(new Acl((AclPermissions)reader.ReadInt32(), reader.ReadString() ?? "", reader.ReadString() ?? ""));
        }

        return acl;
    }
}
