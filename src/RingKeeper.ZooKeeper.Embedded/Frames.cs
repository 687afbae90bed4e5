using System.Buffers;
using System.Buffers.Binary;
using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>Cuts what the server receives into frames, and builds those that it sends.</summary>
internal static class Frames
{
    // SyncConnected: the only state that travels.
    private const int ConnectedState = 3;

    /// <summary>Takes the next frame, without its length, once it is there as a whole.</summary>
    /// <exception cref="JuteException">It is longer than allowed.</exception>
    public static bool TryTake(ref ReadOnlySequence<byte> buffer, int maxLength, out byte[] frame)
    {
        frame = [];
        if (buffer.Length < sizeof(int))
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[sizeof(int)];
        buffer.Slice(0, sizeof(int)).CopyTo(prefix);
        var length = BinaryPrimitives.ReadInt32BigEndian(prefix);
        if (length < 0 || length > maxLength)
        {
            throw new JuteException($"a frame of {length} bytes is outside 0..{maxLength}");
        }

        if (buffer.Length < sizeof(int) + length)
        {
            return false;
        }

        frame = buffer.Slice(sizeof(int), length).ToArray();
        buffer = buffer.Slice(sizeof(int) + length);
        return true;
    }

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
