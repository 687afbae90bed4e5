namespace RingKeeper.ZooKeeper;

/// <summary>A lock that is held; dispose it to release.</summary>
public sealed class LockHandle : Tenure
{
    internal LockHandle(ZooKeeperClient client, Contender.Turn turn)
        : base(client, turn)
    {
    }
}
