using StackExchange.Redis;

namespace RingKeeper;

/// <summary>The subscriptions of one face of a ring, moved with it. Follows the ring while there is one.</summary>
internal sealed partial class SubscriptionHub(IShardRoutes routes, RoutePolicy policy)
{
    private readonly Lock _changing = new();

    // Under _changing.
    private readonly Dictionary<RedisChannel, Subscription> _subscriptions = [];
    private bool _follows;

    /// <summary>Subscribes a handler or a queue; waits for a route as commands do.</summary>
    public async Task SubscribeAsync(RedisChannel channel, Action<RedisChannel, RedisValue>? handler, ChannelMessageQueue? queue, CommandFlags flags)
    {
        await WaitForRouteAsync(channel).ConfigureAwait(false);
        var ears = Add(channel, handler, queue);
        if (flags.HasFlag(CommandFlags.FireAndForget))
        {
            Poke();
            return;
        }

        try
        {
            await Task.WhenAll(ears.Select(ear => ListenAsync(ear, flags))).ConfigureAwait(false);
        }
        catch
        {
            await Task.WhenAll(Remove(channel, handler, queue).Select(static ear => ear.CloseAsync(CommandFlags.FireAndForget))).ConfigureAwait(false);
            throw;
        }
        finally
        {
            Poke();
        }
    }

    /// <summary>Subscribes a handler or a queue; never waits on a task.</summary>
    public void Subscribe(RedisChannel channel, Action<RedisChannel, RedisValue>? handler, ChannelMessageQueue? queue, CommandFlags flags)
    {
        var ears = Add(channel, handler, queue);
        if (flags.HasFlag(CommandFlags.FireAndForget))
        {
            Poke();
            return;
        }

        try
        {
            foreach (var ear in ears)
            {
                Listen(ear, flags);
            }
        }
        catch
        {
            foreach (var ear in Remove(channel, handler, queue))
            {
                ear.Close(CommandFlags.FireAndForget);
            }

            throw;
        }
        finally
        {
            Poke();
        }
    }

    /// <summary>Takes a handler or a queue out; neither: all of them.</summary>
    /// <returns>What is no longer needed and to be closed.</returns>
    public IReadOnlyList<ShardEar> Remove(RedisChannel channel, Action<RedisChannel, RedisValue>? handler, ChannelMessageQueue? queue)
    {
        lock (_changing)
        {
            if (!_subscriptions.TryGetValue(channel, out var subscription))
            {
                return [];
            }

            if (handler is null && queue is null)
            {
                subscription.RemoveAll();
            }
            else
            {
                subscription.Remove(handler, queue);
            }

            return subscription.IsEmpty ? Drop(subscription) : [];
        }
    }

    /// <summary>Takes out all.</summary>
    /// <returns>What is no longer needed and to be closed.</returns>
    public IReadOnlyList<ShardEar> RemoveAll()
    {
        lock (_changing)
        {
            var ears = new List<ShardEar>();
            foreach (var subscription in _subscriptions.Values.ToArray())
            {
                subscription.RemoveAll();
                ears.AddRange(Drop(subscription));
            }

            return ears;
        }
    }

    /// <summary>The ear that hears a channel where it belongs now; null where nobody listens.</summary>
    public ShardEar? CurrentOf(RedisChannel channel)
    {
        lock (_changing)
        {
            return _subscriptions.TryGetValue(channel, out var subscription) ? subscription.Current ?? (subscription.Ears is [var first, ..] ? first : null) : null;
        }
    }

    // A shard's second connection, on which it is listened to, is opened only when it is first asked for, and shards fail fast.
    private static void Listen(ShardEar ear, CommandFlags flags)
    {
        try
        {
            ear.Listen(flags);
            return;
        }
        catch (RedisConnectionException)
        {
            if (!ear.WaitForConnection())
            {
                throw;
            }
        }

        ear.Listen(flags);
    }

    // As above.
    private async Task ListenAsync(ShardEar ear, CommandFlags flags)
    {
        var start = routes.Time.GetTimestamp();
        while (true)
        {
            try
            {
                await ear.ListenAsync(flags).ConfigureAwait(false);
                return;
            }
            catch (RedisConnectionException) when (routes.Time.GetElapsedTime(start) < ChannelMoves.ReadyWithin)
            {
                await Task.Delay(ChannelMoves.ShortPause, routes.Time).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask WaitForRouteAsync(RedisChannel channel)
    {
        if (ChannelKey.TryGet(channel, out var key))
        {
            await routes.ConnectAsync(key, policy, CancellationToken.None).ConfigureAwait(false);
        }
        else if (routes.Doors is null)
        {
            await routes.ConnectAsync((byte[])channel!, policy, CancellationToken.None).ConfigureAwait(false);
        }
    }

    // The ears that must be heard before a subscription is one.
    private List<ShardEar> Add(RedisChannel channel, Action<RedisChannel, RedisValue>? handler, ChannelMessageQueue? queue)
    {
        routes.MoveChannels();
        lock (_changing)
        {
            var needed = ConnectionsOf(channel);
            if (!_subscriptions.TryGetValue(channel, out var subscription))
            {
                _subscriptions[channel] = subscription = new Subscription(channel, routes, ended => CloseInBackground(Remove(channel, null, ended)));
            }

            subscription.Add(handler, queue);
            var ears = needed.ConvertAll(subscription.EarOn);
            if (subscription.IsOfKey)
            {
                // Another than before: the follower has not seen the view yet, and moves it with what it was.
                subscription.Current ??= ears[0];
            }

            needed.ForEach(Watch);
            _ = queue?.Completion.ContinueWith(ended => CloseInBackground(Remove(channel, null, queue)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            if (!_follows)
            {
                _follows = true;
                _ = Task.Run(FollowAsync);
            }

            return ears;
        }
    }

    private List<ShardConnection> ConnectionsOf(RedisChannel channel)
    {
        if (ChannelKey.TryGet(channel, out var key))
        {
            if (routes.ConnectionOf(key, policy) is { } connection)
            {
                return [connection];
            }

            routes.Serving(key, policy);
            throw new ShardNotReadyException($"The shard of the channel{(routes.Cluster.Length == 0 ? "" : $" in cluster '{routes.Cluster}'")} has just changed. Try again.");
        }

        List<ShardConnection> serving = [.. OneShardRoutes.DoorsOf(routes).Where(static door => door.MayServe).Select(static door => door.Connection)];
        return serving.Count > 0 ? serving : throw new NoShardAvailableException("Every shard is agreed to be dead. Bring one back, or try again when one is.");
    }

    private IReadOnlyList<ShardEar> Drop(Subscription subscription)
    {
        _subscriptions.Remove(subscription.Channel);
        _poked.TrySetResult();
        return subscription.Ears;
    }

    private static void CloseInBackground(IEnumerable<ShardEar> ears)
    {
        foreach (var ear in ears)
        {
            _ = ear.CloseAsync();
        }
    }
}
