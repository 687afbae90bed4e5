using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.IntegrationTests.Embedded;

/// <summary>A reply or a notification, taken apart.</summary>
internal sealed record RawReply(int Xid, long Zxid, ZooKeeperErrorCode Error, byte[] Body)
{
    private const int StatLength = 68;

    public static RawReply Parse(byte[] frame)
    {
        var reader = new JuteReader(frame);
        var header = ReplyHeader.Read(ref reader);
        return new RawReply(header.Xid, header.Zxid, header.Error, frame[^reader.Remaining..]);
    }

    public bool IsEvent => Xid == SpecialXid.Notification;

    /// <summary>Says what the notification tells: its type and path. Up to 3.8 it carries no zxid.</summary>
    public string Event => Zxid == -1 ? EventOfAnyZxid : throw new InvalidOperationException($"A notification with a zxid: {this}");

    public string EventOfAnyZxid
    {
        get
        {
            var reader = new JuteReader(Body);
            var record = WatcherEventRecord.Read(ref reader);
            return IsEvent && record.State == 3
                ? $"{(WatchedEventType)record.Type} {record.Path}"
                : throw new InvalidOperationException($"Not a notification: {this}");
        }
    }

    public string Text
    {
        get
        {
            var reader = new JuteReader(Body);
            return reader.ReadString()!;
        }
    }

    /// <summary>The data that the body begins with; null is not empty.</summary>
    public byte[]? Data
    {
        get
        {
            var reader = new JuteReader(Body);
            return reader.ReadBuffer();
        }
    }

    /// <summary>The names that the body begins with, in order: servers list them in none.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            var reader = new JuteReader(Body);
            return [.. reader.ReadStrings().Order(StringComparer.Ordinal)];
        }
    }

    public int Number
    {
        get
        {
            var reader = new JuteReader(Body);
            return reader.ReadInt32();
        }
    }

    public IReadOnlyList<Acl> Acl
    {
        get
        {
            var reader = new JuteReader(Body);
            return AclRecords.Read(ref reader);
        }
    }

    /// <summary>The stat that the body ends with.</summary>
    public Stat Stat
    {
        get
        {
            var reader = new JuteReader(Body.AsSpan(Body.Length - StatLength));
            return StatRecord.Read(ref reader);
        }
    }
}
