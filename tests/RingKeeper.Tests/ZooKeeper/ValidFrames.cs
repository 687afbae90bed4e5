using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.Tests.ZooKeeper;

/// <summary>Good frames of every kind, without their lengths.</summary>
internal static class ValidFrames
{
    private static readonly string[] Paths = ["/", "/a", "/a/b", "/a/b/c", "/zookeeper/config", "/ä"];

    private static readonly Acl[] SomeAcl = [new(AclPermissions.All, "world", "anyone"), Acl.Digest("u", "p"), new(AclPermissions.Read, "ip", "127.0.0.0/8")];

    public static IReadOnlyList<byte[]> Connects { get; } =
    [
        Build(new ConnectRequest(0, 0, 4_000, 0, null, false).Write),
        Build(new ConnectRequest(0, 0, 4_000, 0, [], null).Write),
        Build(new ConnectRequest(0, 5, 4_000, 0x0100_0000_0000_0001, new byte[16], true).Write),
    ];

    public static IReadOnlyList<byte[]> ConnectResponses { get; } =
    [
        Build(new ConnectResponse(0, 4_000, 0x0100_0000_0000_0001, new byte[16], false).Write),
        Build(new ConnectResponse(0, 4_000, 0x0100_0000_0000_0001, new byte[16], null).Write),
        Build(new ConnectResponse(0, 0, 0, new byte[16], false).Write),
    ];

    public static IReadOnlyList<byte[]> Requests { get; } = [.. Paths.SelectMany(RequestsFor), .. OtherRequests()];

    public static byte[] Notification(string path) => Build(writer =>
    {
        new ReplyHeader(SpecialXid.Notification, -1, ZooKeeperErrorCode.Ok).Write(writer);
        new WatcherEventRecord((int)WatchedEventType.NodeDataChanged, 3, path).Write(writer);
    });

    /// <summary>The answer that a server would give to a request, or an error.</summary>
    public static byte[] Reply(int xid, OpCode type, bool succeeds) => Build(writer =>
    {
        new ReplyHeader(xid, 100, succeeds ? ZooKeeperErrorCode.Ok : ZooKeeperErrorCode.NoNode).Write(writer);
        if (succeeds)
        {
            WriteBody(writer, type);
        }
    });

    public static byte[] Build(Action<FrameWriter> content)
    {
        var writer = new FrameWriter(128);
        content(writer);
        return writer.Written.ToArray();
    }

    private static void WriteBody(FrameWriter writer, OpCode type)
    {
        switch (type)
        {
            case OpCode.Create or OpCode.Sync:
                writer.WriteString("/a");
                break;
            case OpCode.Create2 or OpCode.CreateContainer or OpCode.CreateTtl:
                writer.WriteString("/a");
                StatRecord.Write(writer, default);
                break;
            case OpCode.Exists or OpCode.SetData or OpCode.SetAcl:
                StatRecord.Write(writer, default);
                break;
            case OpCode.MultiRead:
                new MultiHeader(OpCode.GetData, Done: false, 0).Write(writer);
                writer.WriteBuffer(new byte[40]);
                StatRecord.Write(writer, default);
                new MultiHeader(OpCode.GetChildren, Done: false, 0).Write(writer);
                writer.WriteStrings(["x", "y", "z"]);
                MultiHeader.End.Write(writer);
                break;
            case OpCode.WhoAmI:
                writer.WriteInt32(2);
                foreach (var text in new[] { "ip", "127.0.0.1", "digest", "u" })
                {
                    writer.WriteString(text);
                }

                break;
            case OpCode.GetData or OpCode.Reconfig:
                writer.WriteBuffer(new byte[40]);
                StatRecord.Write(writer, default);
                break;
            case OpCode.GetAcl:
                AclRecords.Write(writer, SomeAcl);
                StatRecord.Write(writer, default);
                break;
            case OpCode.GetChildren or OpCode.GetEphemerals:
                writer.WriteStrings(["x", "y", "z"]);
                break;
            case OpCode.GetChildren2:
                writer.WriteStrings(["x", "y", "z"]);
                StatRecord.Write(writer, default);
                break;
            case OpCode.AddWatch or OpCode.GetAllChildrenNumber:
                writer.WriteInt32(0);
                break;
            case OpCode.Multi:
                new MultiHeader(OpCode.Create, Done: false, 0).Write(writer);
                writer.WriteString("/a");
                new MultiHeader(OpCode.SetData, Done: false, 0).Write(writer);
                StatRecord.Write(writer, default);
                new MultiHeader(OpCode.Delete, Done: false, 0).Write(writer);
                MultiHeader.End.Write(writer);
                break;
        }
    }

    private static IEnumerable<byte[]> RequestsFor(string path)
    {
        foreach (var watch in new[] { false, true })
        {
            yield return Request(OpCode.Exists, new PathWatchRecord(path, watch).Write);
            yield return Request(OpCode.GetData, new PathWatchRecord(path, watch).Write);
            yield return Request(OpCode.GetChildren, new PathWatchRecord(path, watch).Write);
            yield return Request(OpCode.GetChildren2, new PathWatchRecord(path, watch).Write);
        }

        foreach (var type in new[] { OpCode.GetAcl, OpCode.Sync, OpCode.GetEphemerals, OpCode.GetAllChildrenNumber, OpCode.DeleteContainer })
        {
            yield return Request(type, new PathRecord(path).Write);
        }

        foreach (var type in new[] { OpCode.AddWatch, OpCode.RemoveWatches, OpCode.CheckWatches })
        {
            yield return Request(type, new PathModeRecord(path, 1).Write);
        }

        foreach (var (type, flags) in new[] { (OpCode.Create, 0), (OpCode.Create2, 1), (OpCode.Create, 3), (OpCode.CreateContainer, 4) })
        {
            yield return Request(type, new CreateRecord(path, new byte[20], SomeAcl, flags).Write);
        }

        yield return Request(OpCode.CreateTtl, writer =>
        {
            new CreateRecord(path, new byte[5], Acl.OpenToWorld, 5).Write(writer);
            writer.WriteInt64(1_000);
        });
        yield return Request(OpCode.SetData, new SetDataRecord(path, new byte[100], -1).Write);
        yield return Request(OpCode.Delete, new PathVersionRecord(path, -1).Write);
        yield return Request(OpCode.Check, new PathVersionRecord(path, 0).Write);
        yield return Request(OpCode.SetAcl, writer =>
        {
            writer.WriteString(path);
            AclRecords.Write(writer, SomeAcl);
            writer.WriteInt32(-1);
        });
        yield return Request(OpCode.Multi, writer =>
        {
            new MultiHeader(OpCode.Create, Done: false, -1).Write(writer);
            new CreateRecord(path + "m", new byte[3], SomeAcl, 2).Write(writer);
            new MultiHeader(OpCode.Check, Done: false, -1).Write(writer);
            new PathVersionRecord("/", -1).Write(writer);
            new MultiHeader(OpCode.SetData, Done: false, -1).Write(writer);
            new SetDataRecord(path, new byte[7], -1).Write(writer);
            MultiHeader.End.Write(writer);
        });
        yield return Request(OpCode.MultiRead, writer =>
        {
            new MultiHeader(OpCode.GetData, Done: false, -1).Write(writer);
            new PathWatchRecord(path, false).Write(writer);
            new MultiHeader(OpCode.GetChildren, Done: false, -1).Write(writer);
            new PathWatchRecord("/", false).Write(writer);
            MultiHeader.End.Write(writer);
        });
    }

    private static IEnumerable<byte[]> OtherRequests()
    {
        var watches = new SetWatchesRecord(3, ["/a"], ["/n", "/a/b"], ["/"], ["/a"], ["/"]);
        yield return Request(OpCode.SetWatches, writer => watches.Write(writer, withPersistent: false));
        yield return Request(OpCode.SetWatches2, writer => watches.Write(writer, withPersistent: true));
        yield return Request(OpCode.Auth, new AuthRecord(0, "digest", "u:p"u8.ToArray()).Write);
        yield return Request(OpCode.WhoAmI, _ => { });
        yield return Request(OpCode.Ping, _ => { });
        yield return Request(OpCode.CloseSession, _ => { });
        yield return Request(OpCode.Sasl, writer => writer.WriteBuffer(new byte[8]));
        yield return Request(OpCode.Reconfig, writer =>
        {
            writer.WriteString("server.4=a:1:2;3");
            writer.WriteString("2");
            writer.WriteString(null);
            writer.WriteInt64(-1);
        });
    }

    private static byte[] Request(OpCode type, Action<FrameWriter> body) => Build(writer =>
    {
        new RequestHeader(7, type).Write(writer);
        body(writer);
    });
}
