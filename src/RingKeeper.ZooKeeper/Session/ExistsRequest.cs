using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>exists without a watch: that the znode is missing is an answer, not an error.</summary>
internal sealed class ExistsRequest(string path, byte[] body)
    : Request<Stat?>(OpCode.Exists, path, body, static (ref JuteReader reply, Chroot _) => StatRecord.Read(ref reply), Chroot.None)
{
    public override bool Complete(ReplyHeader header, ref JuteReader body, WatchRegistry watches)
    {
        if (header.Error != ZooKeeperErrorCode.NoNode)
        {
            return base.Complete(header, ref body, watches);
        }

        TryFinish(null);
        return true;
    }
}
