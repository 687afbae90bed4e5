using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>A request that has not been given an xid: an operation and its record, readable in a failed test.</summary>
internal sealed record Request(OpCode Type, string Text, Action<FrameWriter> Write)
{
    public static Request Create(string? path, byte[]? data = null, int flags = 0, IReadOnlyList<Acl>? acl = null, OpCode type = OpCode.Create) => new(
        type,
        $"{path} data={Show(data)} flags={flags} acl={Show(acl ?? Acl.OpenToWorld)}",
        writer =>
        {
            writer.WriteString(path);
            WriteData(writer, data);
            AclRecords.Write(writer, acl ?? Acl.OpenToWorld);
            writer.WriteInt32(flags);
        });

    public static Request CreateTtl(string path, int flags, long timeToLive) => new(
        OpCode.CreateTtl,
        $"{path} flags={flags} ttl={timeToLive}",
        writer =>
        {
            Create(path, flags: flags).Write(writer);
            writer.WriteInt64(timeToLive);
        });

    public static Request Reconfig(string? joining = null, string? leaving = null, string? members = null, long version = -1) => new(
        OpCode.Reconfig,
        $"joining={joining} leaving={leaving} members={members} v={version}",
        writer =>
        {
            writer.WriteString(joining);
            writer.WriteString(leaving);
            writer.WriteString(members);
            writer.WriteInt64(version);
        });

    public static Request Delete(string? path, int version = -1) => Versioned(OpCode.Delete, path, version);

    public static Request Check(string? path, int version = -1) => Versioned(OpCode.Check, path, version);

    public static Request SetData(string? path, byte[]? data = null, int version = -1) => new(OpCode.SetData, $"{path} data={Show(data)} v={version}", writer =>
    {
        writer.WriteString(path);
        WriteData(writer, data);
        writer.WriteInt32(version);
    });

    public static Request SetAcl(string? path, IReadOnlyList<Acl> acl, int version = -1) => new(OpCode.SetAcl, $"{path} acl={Show(acl)} v={version}", writer =>
    {
        writer.WriteString(path);
        AclRecords.Write(writer, acl);
        writer.WriteInt32(version);
    });

    public static Request Exists(string? path, bool watch = false) => Watchable(OpCode.Exists, path, watch);

    public static Request GetData(string? path, bool watch = false) => Watchable(OpCode.GetData, path, watch);

    public static Request GetChildren(string? path, bool watch = false) => Watchable(OpCode.GetChildren, path, watch);

    public static Request GetChildren2(string? path, bool watch = false) => Watchable(OpCode.GetChildren2, path, watch);

    /// <summary>getACL, sync, getEphemerals and getAllChildrenNumber: a path alone.</summary>
    public static Request OfPath(OpCode type, string? path) => new(type, $"{path}", writer => writer.WriteString(path));

    /// <summary>addWatch, removeWatches and checkWatches.</summary>
    public static Request OfMode(OpCode type, string? path, int mode) => new(type, $"{path} mode={mode}", writer =>
    {
        writer.WriteString(path);
        writer.WriteInt32(mode);
    });

    public static Request AddWatch(string path, bool recursive = false) => OfMode(OpCode.AddWatch, path, recursive ? 1 : 0);

    public static Request Auth(string scheme, string credentials) => new(
        OpCode.Auth,
        $"{scheme} {credentials}",
        new AuthRecord(0, scheme, System.Text.Encoding.UTF8.GetBytes(credentials)).Write);

    public static Request SetWatches(
        long zxid,
        string[]? data = null,
        string[]? exist = null,
        string[]? child = null,
        string[]? persistent = null,
        string[]? recursive = null)
    {
        var two = persistent is not null || recursive is not null;
        var record = new SetWatchesRecord(zxid, data ?? [], exist ?? [], child ?? [], persistent ?? [], recursive ?? []);
        return new Request(
            two ? OpCode.SetWatches2 : OpCode.SetWatches,
            $"zxid={zxid} data={string.Join(',', record.Data)} exist={string.Join(',', record.Exist)} child={string.Join(',', record.Child)} persistent={string.Join(',', record.Persistent)} recursive={string.Join(',', record.PersistentRecursive)}",
            writer => record.Write(writer, two));
    }

    public static Request Multi(params IReadOnlyList<Request> operations) => Several(OpCode.Multi, operations);

    public static Request MultiRead(params IReadOnlyList<Request> operations) => Several(OpCode.MultiRead, operations);

    /// <summary>A request whose body is given in bytes.</summary>
    public static Request OfBytes(OpCode type, params byte[] body) => new(type, Convert.ToHexString(body), writer => writer.WriteRaw(body));

    public static Request Of(OpCode type) => OfBytes(type);

    public override string ToString() => $"{Type} {Text}";

    private static Request Several(OpCode type, IReadOnlyList<Request> operations) => new(type, $"[{string.Join("; ", operations)}]", writer =>
    {
        foreach (var operation in operations)
        {
            new MultiHeader(operation.Type, Done: false, -1).Write(writer);
            operation.Write(writer);
        }

        MultiHeader.End.Write(writer);
    });

    private static Request Versioned(OpCode type, string? path, int version) => new(type, $"{path} v={version}", writer =>
    {
        writer.WriteString(path);
        writer.WriteInt32(version);
    });

    private static Request Watchable(OpCode type, string? path, bool watch) => new(type, watch ? $"{path} watch" : $"{path}", writer =>
    {
        writer.WriteString(path);
        writer.WriteBool(watch);
    });

    private static void WriteData(FrameWriter writer, byte[]? data)
    {
        if (data is null)
        {
            writer.WriteNullBuffer();
        }
        else
        {
            writer.WriteBuffer(data);
        }
    }

    private static string Show(byte[]? data) => data is null ? "null" : $"{data.Length} B";

    private static string Show(IReadOnlyList<Acl> acl) => string.Join('+', acl.Select(entry => $"{(int)entry.Permissions}:{entry.Scheme}:{entry.Id}"));
}
