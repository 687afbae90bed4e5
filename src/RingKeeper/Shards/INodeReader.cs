namespace RingKeeper;

/// <summary>Reads the list of shards of a cluster.</summary>
public interface INodeReader
{
    /// <summary>Reads the shards.</summary>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The shards in list order.</returns>
    ValueTask<IReadOnlyList<Shard>> ReadNodesAsync(CancellationToken cancellationToken = default);
}
