namespace RingKeeper;

/// <summary>Finds out which shards are alive.</summary>
public interface IHealthChecker : IAsyncDisposable
{
    /// <summary>Sets the shards to check: starts with new ones, stops with those gone, keeps the state of addresses that stay.</summary>
    /// <param name="shards">The shards.</param>
    void SetShards(IReadOnlyList<Shard> shards);

    /// <summary>Yields the statuses known now, then each change, until cancelled or disposed.</summary>
    /// <param name="cancellationToken">Ends the feed.</param>
    /// <returns>The feed; it does not lose the latest status of any shard.</returns>
    IAsyncEnumerable<ShardStatus> WatchAsync(CancellationToken cancellationToken = default);
}
