namespace RingKeeper;

/// <summary>Says why a write was refused, and what to do.</summary>
internal static class CopyErrors
{
    public static RingKeeperException Of(WriteOutcome outcome, Shard shard) => outcome == WriteOutcome.StaleView ? StaleView(shard) : Foreign(shard);

    public static RingKeeperException Foreign(Shard shard) => new(
        $"What shard '{shard.Name}' ({shard.Addr}) holds under this key was written by no cache that this version knows; it was left alone. Choose another key or KeyPrefix, or delete it by hand.");

    private static StaleViewException StaleView(Shard shard) => new(
        $"The copy on shard '{shard.Name}' ({shard.Addr}) was written under a later view of the cluster than this client has, and nothing was written. Try again; if it lasts, check the client's connection to ZooKeeper.");
}
