using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>Builds the frames that the server sends.</summary>
internal static class Frames
{
    // SyncConnected: the only state that travels.
    private const int ConnectedState = 3;

    public static ReadOnlyMemory<byte> Connect(ConnectResponse response) => Build(response.Write);

    public static ReadOnlyMemory<byte> Reply(int xid, long zxid, Reply reply) => Build(writer =>
    {
        new ReplyHeader(xid, zxid, reply.Error).Write(writer);
        reply.Body?.Invoke(writer);
    });

    /// <summary>An event; before 3.9 its header carries -1 in place of the zxid.</summary>
    public static ReadOnlyMemory<byte> Notification(TreeChange change, VersionRules rules) => Build(writer =>
    {
        new ReplyHeader(SpecialXid.Notification, rules.EventsCarryZxid ? change.Zxid : -1, ZooKeeperErrorCode.Ok).Write(writer);
        new WatcherEventRecord((int)change.Type, ConnectedState, change.Path).Write(writer);
    });

    private static ReadOnlyMemory<byte> Build(Action<FrameWriter> content)
    {
        var writer = new FrameWriter(128);
        writer.BeginFrame();
        content(writer);
        writer.EndFrame();
        return writer.Written;
    }
}
