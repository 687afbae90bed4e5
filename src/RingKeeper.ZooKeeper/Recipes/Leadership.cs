namespace RingKeeper.ZooKeeper;

/// <summary>A lead that is held; dispose it to resign.</summary>
public sealed class Leadership : Tenure
{
    internal Leadership(ZooKeeperClient client, Contender.Turn turn)
        : base(client, turn)
    {
    }
}
