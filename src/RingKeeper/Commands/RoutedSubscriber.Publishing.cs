using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Publishing: on the shard of the channel, and for a while on the one that it has left, for subscribers whose view lags.</summary>
internal sealed partial class RoutedSubscriber
{
    private static readonly List<IDatabase> None = [];

    private bool _moves;

    /// <summary>Publishes; never waits on a task.</summary>
    /// <returns>How many heard it: while the channel moves, on the shard that more heard it on.</returns>
    internal long Publish(RedisChannel channel, RedisValue message, CommandFlags flags)
    {
        var key = ChannelKey.ForPublishing(channel);
        var serving = face.Routes.Serving(key, face.Policy).Database;
        var heard = serving.Publish(channel, message, flags);
        foreach (var shard in ShardsLeft(key, serving))
        {
            try
            {
                heard = Math.Max(heard, shard.Publish(channel, message, flags));
            }
            catch (Exception exception) when (IsOfShard(exception))
            {
                // The message is published; this was for those who lag.
            }
        }

        return heard;
    }

    /// <inheritdoc cref="Publish"/>
    internal Task<long> PublishAsync(RedisChannel channel, RedisValue message, CommandFlags flags)
    {
        var key = ChannelKey.ForPublishing(channel);
        var routing = face.Routes.ConnectAsync(key, face.Policy, CancellationToken.None);

        // Asked after the routing: a view that has just been replaced is among those past, one way or the other.
        return routing.IsCompletedSuccessfully ? PublishAsync(routing.Result.Database, key, channel, message, flags) : WhenRoutedAsync(routing, key, channel, message, flags);
    }

    private async Task<long> WhenRoutedAsync(ValueTask<ShardRoute> routing, RedisKey key, RedisChannel channel, RedisValue message, CommandFlags flags) =>
        await PublishAsync((await routing.ConfigureAwait(false)).Database, key, channel, message, flags).ConfigureAwait(false);

    private Task<long> PublishAsync(IDatabase serving, in RedisKey key, RedisChannel channel, RedisValue message, CommandFlags flags)
    {
        var left = ShardsLeft(key, serving);
        return left.Count == 0 ? serving.PublishAsync(channel, message, flags) : PublishOnAllAsync(serving, left, channel, message, flags);
    }

    // All are sent before any is awaited, so that each shard gets this publisher's messages in their order.
    private static async Task<long> PublishOnAllAsync(IDatabase serving, List<IDatabase> left, RedisChannel channel, RedisValue message, CommandFlags flags)
    {
        var publishing = serving.PublishAsync(channel, message, flags);
        var others = left.ConvertAll(shard => TryPublishAsync(shard, channel, message, flags));
        return Math.Max(await publishing.ConfigureAwait(false), (await Task.WhenAll(others).ConfigureAwait(false)).Max());
    }

    private static async Task<long> TryPublishAsync(IDatabase shard, RedisChannel channel, RedisValue message, CommandFlags flags)
    {
        try
        {
            return await shard.PublishAsync(channel, message, flags).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsOfShard(exception))
        {
            // The message is published; this was for those who lag.
            return 0;
        }
    }

    private static bool IsOfShard(Exception exception) => exception is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException or OperationCanceledException;

    // Where else a message goes: to the shards that served the channel a moment ago, and to that which does by now.
    private List<IDatabase> ShardsLeft(in RedisKey key, IDatabase serving)
    {
        var routes = face.Routes;
        if (!_moves)
        {
            routes.MoveChannels();
            _moves = true;
        }

        var past = routes.Past;
        if (past.Length == 0 || !past[^1].IsRecent(routes.Time))
        {
            return None;
        }

        List<IDatabase>? left = null;
        foreach (var map in past)
        {
            if (map.IsRecent(routes.Time))
            {
                Add(map.ConnectionOf(key, face.Policy));
            }
        }

        Add(routes.ConnectionOf(key, face.Policy));
        return left ?? None;

        void Add(ShardConnection? connection)
        {
            if (connection?.Database is { } database && database != serving && left?.Contains(database) != true && !IsLost(connection, serving))
            {
                (left ??= []).Add(database);
            }
        }
    }

    // A shard that is agreed to be dead; a drained one is said to be so, and is there. A connection that another to the same server has replaced.
    private bool IsLost(ShardConnection connection, IDatabase serving) => (face.Routes.Doors ?? []).Any(door =>
        (door.Connection == connection && !door.MayServe && !door.Shard.Drained)
        || (door.Connection != connection && door.Shard.Addr == connection.Addr && door.Connection.Database == serving));
}
