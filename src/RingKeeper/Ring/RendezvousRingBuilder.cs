namespace RingKeeper;

/// <summary>Builds a <see cref="RendezvousRing"/>; it has no points, so RingParams mean nothing to it.</summary>
internal sealed class RendezvousRingBuilder : IRingBuilder
{
    public HashRing Build(IReadOnlyList<Shard> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        ShardWeights.Check(shards);
        var twice = shards.GroupBy(static shard => shard.Name, StringComparer.Ordinal).FirstOrDefault(static group => group.Skip(1).Any());
        return twice is null
            ? new RendezvousRing(shards)
            : throw new RingKeeperException($"The shard name '{twice.Key}' is given twice; the later shard would own no key. Give each shard its own name.");
    }
}
