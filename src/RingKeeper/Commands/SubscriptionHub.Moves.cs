using StackExchange.Redis;

namespace RingKeeper;

/// <summary>What moves subscriptions, and tells what may be lost.</summary>
internal sealed partial class SubscriptionHub
{
    // Under _changing.
    private readonly Dictionary<ShardConnection, IConnectionMultiplexer> _watched = [];
    private volatile TaskCompletionSource _poked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task FollowAsync()
    {
        while (true)
        {
            var changed = routes.RoutesChanged;
            TimeSpan? next;
            Task poked;
            lock (_changing)
            {
                if (routes.IsDisposed || _subscriptions.Count == 0)
                {
                    End();
                    return;
                }

                _poked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                poked = _poked.Task;
                next = MoveAll();
            }

            await FirstOfAsync(changed, poked, next).ConfigureAwait(false);
        }
    }

    private async Task FirstOfAsync(Task changed, Task poked, TimeSpan? next)
    {
        using var stop = new CancellationTokenSource();
        await (next is { } wait ? Task.WhenAny(changed, poked, Task.Delay(wait, routes.Time, stop.Token)) : Task.WhenAny(changed, poked)).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
    }

    private void Poke() => _poked.TrySetResult();

    // Under _changing. Readers of queues must not wait for what never comes.
    private void End()
    {
        _follows = false;
        foreach (var subscription in _subscriptions.Values.ToArray())
        {
            subscription.RemoveAll();
            CloseInBackground([.. Drop(subscription)]);
        }

        foreach (var multiplexer in _watched.Values)
        {
            multiplexer.ConnectionFailed -= OnConnectionFailed;
        }

        _watched.Clear();
    }

    // Under _changing. Until when something is to be done without a change.
    private TimeSpan? MoveAll()
    {
        if (routes.Doors is not { } doors)
        {
            return null;
        }

        var (moved, left) = (0, 0);
        foreach (var subscription in _subscriptions.Values)
        {
            if (subscription.IsOfKey)
            {
                switch (Move(subscription, doors))
                {
                    case true:
                        moved++;
                        break;
                    case false:
                        left++;
                        break;
                }
            }
            else
            {
                Spread(subscription, doors);
            }
        }

        if (left > 0)
        {
            SubscriptionMeter.Gap(routes.Cluster, SubscriptionMeter.Moved);
            Log.ChannelsLeftDeadShard(routes.Logger, routes.Cluster, left);
        }

        if (moved > 0)
        {
            Log.ChannelsMove(routes.Logger, routes.Cluster, moved);
        }

        Forget(doors);
        return CloseEnded();
    }

    // True: it moves off a shard that is there; false: off one that is dead; null: it stays.
    private bool? Move(Subscription subscription, IReadOnlyList<ShardDoor> doors)
    {
        ChannelKey.TryGet(subscription.Channel, out var key);

        // While no shard serves it, it stays where it was last.
        if (routes.ConnectionOf(key, policy) is not { } connection)
        {
            return null;
        }

        bool? moves = null;
        var ear = subscription.EarOn(connection);
        if (subscription.Current != ear)
        {
            moves = subscription.Current is not { } last || !IsDead(last.Connection, doors);
            subscription.Current = ear;
            ear.EndsAt = null;
            ear.NeededSince = routes.Time.GetTimestamp();
        }

        MakeHeard(ear);
        if (ear.IsHeard)
        {
            EndOthers(subscription, other => other == ear, [ear]);
        }

        return moves;
    }

    private void Spread(Subscription subscription, IReadOnlyList<ShardDoor> doors)
    {
        // On dead shards too: one that returns is heard from its first message on.
        var ears = new HashSet<ShardEar>();
        foreach (var door in doors)
        {
            var ear = subscription.EarOn(door.Connection);
            ears.Add(ear);
            ear.EndsAt = null;
            ear.NeededSince = door.MayServe ? ear.NeededSince ?? routes.Time.GetTimestamp() : null;
            MakeHeard(ear);
        }

        EndOthers(subscription, ears.Contains, ears);
    }

    // Publishers that lag use the shard that a channel has left; of two connections to one server the older has nothing to add.
    private void EndOthers(Subscription subscription, Func<ShardEar, bool> stays, IReadOnlyCollection<ShardEar> present)
    {
        foreach (var ear in subscription.Ears.Where(ear => !stays(ear)))
        {
            var isReplaced = present.Any(one => one.IsHeard && one.Connection.Addr == ear.Connection.Addr);
            ear.EndsAt = isReplaced ? routes.Time.GetTimestamp() : ear.EndsAt ?? After(ChannelMoves.Overlap);
        }
    }

    private void MakeHeard(ShardEar ear)
    {
        Watch(ear.Connection);
        if (ear.IsHeard || ear.IsAttempting)
        {
            return;
        }

        // In a first view nobody has published elsewhere.
        var hasOthers = routes.Past.Length > 0;
        _ = ear.KeepTryingAsync(routes.Time, () =>
        {
            if (hasOthers && LateBy(ear) is { } late)
            {
                SubscriptionMeter.Gap(routes.Cluster, SubscriptionMeter.HeardLate);
                Log.ChannelHeardLate(routes.Logger, routes.Cluster, ear.Connection.Addr, late);
            }

            Poke();
        });
    }

    // How long publishers had used a shard when it was heard, if those of them have stopped to use others by then.
    private TimeSpan? LateBy(ShardEar ear)
    {
        lock (_changing)
        {
            return ear.NeededSince is { } since && routes.Time.GetElapsedTime(since) is var late && late >= ChannelMoves.PublishWindow ? late : null;
        }
    }

    private TimeSpan? CloseEnded()
    {
        var now = routes.Time.GetTimestamp();
        long? next = null;
        foreach (var subscription in _subscriptions.Values)
        {
            foreach (var ear in subscription.Ears.Where(ear => ear.EndsAt is not null).ToArray())
            {
                if (ear.EndsAt <= now)
                {
                    subscription.Remove(ear);
                    CloseInBackground([ear]);
                }
                else
                {
                    next = Math.Min(next ?? long.MaxValue, ear.EndsAt!.Value);
                }
            }
        }

        return next is { } at ? routes.Time.GetElapsedTime(now, at) : null;
    }

    private long After(TimeSpan time) => routes.Time.GetTimestamp() + (long)(time.TotalSeconds * routes.Time.TimestampFrequency);

    // A drained shard is said to be dead, and is there.
    private static bool IsDead(ShardConnection connection, IReadOnlyList<ShardDoor> doors) =>
        doors.Any(door => door.Connection == connection && !door.MayServe && !door.Shard.Drained);

    // Under _changing.
    private void Watch(ShardConnection connection)
    {
        if (connection.Database?.Multiplexer is { } multiplexer && _watched.TryAdd(connection, multiplexer))
        {
            multiplexer.ConnectionFailed += OnConnectionFailed;
        }
    }

    // Under _changing.
    private void Forget(IReadOnlyList<ShardDoor> doors)
    {
        foreach (var (connection, multiplexer) in _watched.Where(pair => doors.All(door => door.Connection != pair.Key)).ToArray())
        {
            multiplexer.ConnectionFailed -= OnConnectionFailed;
            _watched.Remove(connection);
        }
    }

    private void OnConnectionFailed(object? sender, ConnectionFailedEventArgs e)
    {
        if (e.ConnectionType != ConnectionType.Subscription)
        {
            return;
        }

        string? addr;
        lock (_changing)
        {
            addr = _watched.FirstOrDefault(pair => ReferenceEquals(pair.Value, sender)).Key?.Addr;
            if (addr is null || !_subscriptions.Values.Any(one => one.Ears.Any(ear => ear.Connection.Addr == addr && ear.IsHeard && ear.EndsAt is null)))
            {
                return;
            }
        }

        SubscriptionMeter.Gap(routes.Cluster, SubscriptionMeter.ConnectionLost);
        Log.ListeningLost(routes.Logger, routes.Cluster, addr);
    }
}
