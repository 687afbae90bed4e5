namespace RingKeeper;

/// <summary>What weights are allowed.</summary>
internal static class ShardWeights
{
    // The sum over all shards must fit nutcracker's 32 bits.
    public const int Most = 100_000;

    public static void Check(IReadOnlyList<Shard> shards)
    {
        foreach (var shard in shards)
        {
            if (shard.Weight is < 1 or > Most)
            {
                throw new RingKeeperException($"Weight {shard.Weight} of shard '{shard.Name}' is not allowed: give a whole number from 1 to {Most}.");
            }
        }
    }

    /// <summary>Refuses weights for a ring that gives every shard the same share.</summary>
    public static void Refuse(IReadOnlyList<Shard> shards)
    {
        if (shards.FirstOrDefault(static shard => shard.Weight != 1) is { } shard)
        {
            throw new RingKeeperException(
                $"Weight {shard.Weight} of shard '{shard.Name}' does not go with RingType '{RingTypes.Consistent}' or '{RingTypes.ConsistentTagged}': "
                + $"a Go client would ignore it and read other shards. Remove it, or use RingType '{RingTypes.Ketama}' or '{RingTypes.Rendezvous}'.");
        }
    }
}
