using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// Listens for a channel on one shard. The library establishes its subscription anew whenever the shard's connection comes back; here it is only seen to that it stands at all.
/// </summary>
/// <param name="subscription">What hears the messages.</param>
/// <param name="connection">The connection to the shard.</param>
/// <param name="source">Tells it from the subscription's other shards.</param>
internal sealed class ShardEar(Subscription subscription, ShardConnection connection, int source)
{
    // Held while an attempt awaits its answer: without a handler the library would take the channel for unused.
    private static readonly Action<RedisChannel, RedisValue> Waiting = static (_, _) => { };

    private readonly Lock _attaching = new();
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChannelMessageQueue? _queue;
    private bool _closed;
    private volatile bool _isHeard;
    private int _attempts;

    public ShardConnection Connection => connection;

    public int Source => source;

    /// <summary>Whether the shard has confirmed the subscription.</summary>
    public bool IsHeard => _isHeard;

    /// <summary>Whether an attempt to be heard is being made.</summary>
    public bool IsAttempting => Volatile.Read(ref _attempts) > 0;

    /// <summary>When it is closed, as a timestamp; null: not decided. Under the hub's lock.</summary>
    public long? EndsAt { get; set; }

    /// <summary>Since when publishers use its shard, as a timestamp; null: they do not. Under the hub's lock.</summary>
    public long? NeededSince { get; set; }

    /// <summary>Asks the shard for the channel's messages.</summary>
    public async Task ListenAsync(CommandFlags flags)
    {
        Interlocked.Increment(ref _attempts);
        try
        {
            var multiplexer = await connection.Opening.ConfigureAwait(false);
            var subscriber = multiplexer.GetSubscriber();
            try
            {
                var confirming = subscriber.SubscribeAsync(subscription.Channel, Waiting, flags);
                Attach(subscriber);
                await confirming.ConfigureAwait(false);
                _isHeard = true;
            }
            finally
            {
                StopWaiting(subscriber);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _attempts);
        }
    }

    /// <summary>As <see cref="ListenAsync"/>, by the library's own synchronous call.</summary>
    public void Listen(CommandFlags flags)
    {
        var subscriber = (connection.Database ?? throw new ShardNotReadyException($"The connection to shard {connection.Addr} is not open yet, and a synchronous call does not wait.")).Multiplexer.GetSubscriber();
        Interlocked.Increment(ref _attempts);
        try
        {
            subscriber.Subscribe(subscription.Channel, Waiting, flags);
            Attach(subscriber);
            _isHeard = true;
        }
        finally
        {
            StopWaiting(subscriber);
            Interlocked.Decrement(ref _attempts);
        }
    }

    /// <summary>Waits on the caller's thread, as the library's synchronous calls do, for the connection that is listened on; not at all while the shard is away.</summary>
    /// <returns>Whether it is there.</returns>
    public bool WaitForConnection() =>
        connection.Database?.Multiplexer is { IsConnected: true } multiplexer && SpinWait.SpinUntil(() => multiplexer.GetSubscriber().IsConnected(), ChannelMoves.ReadyWithin);

    /// <summary>Tries until the shard has confirmed the subscription.</summary>
    /// <param name="time">The source of time.</param>
    /// <param name="heard">Called once it has.</param>
    public async Task KeepTryingAsync(TimeProvider time, Action heard)
    {
        Interlocked.Increment(ref _attempts);
        var start = time.GetTimestamp();
        try
        {
            while (!_closing.Task.IsCompleted)
            {
                try
                {
                    await ListenAsync(CommandFlags.None).ConfigureAwait(false);
                    heard();
                    return;
                }
                catch (Exception exception) when (IsOfConnection(exception))
                {
                    // The first attempt only opens the connection that is listened on; what a dead shard's heir says until it stands is lost.
                    var pause = time.GetElapsedTime(start) < ChannelMoves.ReadyWithin ? ChannelMoves.ShortPause : ChannelMoves.Pause;
                    await Task.WhenAny(Task.Delay(pause, time), _closing.Task).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _attempts);
        }
    }

    /// <summary>The end point that the library listens on for it; null while there is none.</summary>
    public System.Net.EndPoint? EndPoint => connection.Database?.Multiplexer.GetSubscriber().SubscribedEndpoint(subscription.Channel);

    /// <summary>Ends it. What has arrived is still delivered.</summary>
    public async Task CloseAsync(CommandFlags flags = CommandFlags.None)
    {
        if (End() is not { } queue)
        {
            return;
        }

        try
        {
            await queue.UnsubscribeAsync(flags).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsOfConnection(exception))
        {
            // The connection is gone, and what the server sent over it; the library forgot the queue before it asked.
        }
    }

    /// <summary>As <see cref="CloseAsync"/>, without waiting for the shard's answer.</summary>
    public void Close(CommandFlags flags)
    {
        try
        {
            End()?.Unsubscribe(flags);
        }
        catch (Exception exception) when (IsOfConnection(exception))
        {
            // As above.
        }
    }

    private static bool IsOfConnection(Exception exception) =>
        exception is RedisException or RedisCommandException or TimeoutException or RingKeeperException or ObjectDisposedException or OperationCanceledException;

    private ChannelMessageQueue? End()
    {
        lock (_attaching)
        {
            _closed = true;
            (var queue, _queue) = (_queue, null);
            _closing.TrySetResult();
            return queue;
        }
    }

    // Handlers of the library run side by side, in any order; a queue keeps the order. To fire and forget never fails, so that the queue is known whatever becomes of the question.
    private void Attach(ISubscriber subscriber)
    {
        lock (_attaching)
        {
            if (_closed || _queue is not null)
            {
                return;
            }

            _queue = subscriber.Subscribe(subscription.Channel, CommandFlags.FireAndForget);
            _queue.OnMessage(message => subscription.Receive(source, message.Channel, message.Message));
        }
    }

    private void StopWaiting(ISubscriber subscriber)
    {
        try
        {
            subscriber.Unsubscribe(subscription.Channel, Waiting, CommandFlags.FireAndForget);
        }
        catch (ObjectDisposedException)
        {
            // Nothing waits on a connection that is closed.
        }
    }
}
