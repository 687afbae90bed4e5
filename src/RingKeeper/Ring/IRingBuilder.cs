namespace RingKeeper;

/// <summary>Builds a ring from a list of shards; an own type of ring starts here.</summary>
public interface IRingBuilder
{
    /// <summary>Builds the ring.</summary>
    /// <param name="shards">The shards in list order; at least one.</param>
    /// <returns>The ring.</returns>
    /// <exception cref="RingKeeperException">No ring can be built from these shards or with this builder's parameters.</exception>
    HashRing Build(IReadOnlyList<Shard> shards);
}
