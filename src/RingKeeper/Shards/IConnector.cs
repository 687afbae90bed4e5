using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Finds the shard that serves a key, connected.</summary>
public interface IConnector : IAsyncDisposable
{
    /// <summary>Finds the shard that serves a key. Completes at once when one does; else waits a short time for it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="policy">How far the key may move from its owner (default: <see cref="RoutePolicy.Failover"/>).</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The route; nothing to give back.</returns>
    /// <exception cref="NoShardAvailableException">Every shard that may serve the key is dead.</exception>
    /// <exception cref="ShardNotReadyException">A shard on the key's way has no status yet.</exception>
    /// <exception cref="StaleViewException">The client's view is too old, and <see cref="StaleViewPolicy.Refuse"/> is its policy.</exception>
    /// <exception cref="ObjectDisposedException">The connector is disposed.</exception>
    ValueTask<ShardRoute> ConnectAsync(RedisKey key, RoutePolicy policy = RoutePolicy.Failover, CancellationToken cancellationToken = default);
}
