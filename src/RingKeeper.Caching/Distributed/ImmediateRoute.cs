using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Routes for synchronous calls, which wait for nothing.</summary>
internal static class ImmediateRoute
{
    /// <summary>Gives the route of a key if there is one now.</summary>
    /// <exception cref="ShardNotReadyException">There is none yet.</exception>
    /// <exception cref="NoShardAvailableException">Every shard that may serve the key is dead.</exception>
    public static ShardRoute Find(IConnector connector, RedisKey key, RoutePolicy policy)
    {
        using var stop = new CancellationTokenSource();
        var route = connector.ConnectAsync(key, policy, stop.Token).AsTask();
        if (!route.IsCompleted)
        {
            // Its error is nobody's.
            _ = route.ContinueWith(static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            stop.Cancel();
            throw new ShardNotReadyException("The shard of the key is not ready, and a synchronous call does not wait. Use the asynchronous method, or try again.");
        }

        return route.GetAwaiter().GetResult();
    }
}
