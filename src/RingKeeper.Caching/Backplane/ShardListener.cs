using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// Keeps one subscription on one shard. It is heard once what this process published itself has come back; from a loss until then, anything may have been missed: a gap at the
/// loss, one when it is heard, and one every <see cref="CacheBackplaneOptions.DeafInterval"/> in between while the shard may serve.
/// </summary>
internal sealed class ShardListener : IAsyncDisposable
{
    private readonly ShardDoor _door;
    private readonly CacheBackplaneOptions _options;
    private readonly RedisChannel _channel;
    private readonly Guid _sender;
    private readonly Action<CacheNotice> _tell;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;
    private ChannelMessageQueue? _queue;
    private volatile bool _mayServe;

    // Done when the connection was lost or restored since it was made.
    private volatile TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Done when a proof has come back.
    private volatile TaskCompletionSource _proven = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ShardListener(ShardDoor door, CacheBackplaneOptions options, Guid sender, Action<CacheNotice> tell)
    {
        _door = door;
        _options = options;
        _channel = RedisChannel.Literal(options.Channel);
        _sender = sender;
        _tell = tell;
        _mayServe = door.MayServe;
        _running = RunAsync(_stop.Token);
    }

    /// <summary>Ends once the shard is heard, or was not for <see cref="CacheBackplaneOptions.DeafInterval"/>: a first attempt may come before the connection is there.</summary>
    public Task Settled => _settled.Task;

    public void SetStatus(bool mayServe) => _mayServe = mayServe;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _settled.TrySetResult();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        await Task.Yield();
        var start = _options.TimeProvider.GetTimestamp();
        IConnectionMultiplexer? multiplexer = null;
        try
        {
            multiplexer = await OpenAsync(stop).ConfigureAwait(false);
            multiplexer.ConnectionFailed += OnChange;
            multiplexer.ConnectionRestored += OnChange;
            while (!stop.IsCancellationRequested)
            {
                _broken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (await TellWhileAsync(TryHearAsync(multiplexer.GetSubscriber(), stop), stop).ConfigureAwait(false))
                {
                    CacheLog.ShardHeard(_options.Logger, _door.Shard.Addr, _options.Channel);
                    Tell();
                    _settled.TrySetResult();
                    await UntilBrokenAsync(multiplexer.GetSubscriber(), stop).ConfigureAwait(false);
                    CacheLog.ShardNotHeard(_options.Logger, _door.Shard.Addr, _options.Channel);
                    Tell();
                }
                else
                {
                    await PauseAsync(stop).ConfigureAwait(false);
                    if (_options.TimeProvider.GetElapsedTime(start) >= _options.DeafInterval)
                    {
                        _settled.TrySetResult();
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposed.
        }
        finally
        {
            if (multiplexer is not null)
            {
                multiplexer.ConnectionFailed -= OnChange;
                multiplexer.ConnectionRestored -= OnChange;
            }

            await UnsubscribeAsync().ConfigureAwait(false);
        }
    }

    // A connection that can never be opened is told by the cluster's log; what its shard's clients publish is missed as long as it may serve.
    private async Task<IConnectionMultiplexer> OpenAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return await TellWhileAsync(_door.Connection.Opening.WaitAsync(stop), stop).ConfigureAwait(false);
            }
            catch (RingKeeperException)
            {
                _settled.TrySetResult();
                await PauseAsync(stop).ConfigureAwait(false);
            }
        }
    }

    // An attempt may take as long as the connection's timeouts, and notices are missed meanwhile. The attempt heeds the stop itself.
    private async Task<T> TellWhileAsync<T>(Task<T> attempt, CancellationToken stop)
    {
        while (await Task.WhenAny(attempt, Task.Delay(_options.DeafInterval, _options.TimeProvider, stop)).ConfigureAwait(false) != attempt && !stop.IsCancellationRequested)
        {
            TellIfMissed();
            _settled.TrySetResult();
        }

        return await attempt.ConfigureAwait(false);
    }

    private async Task<bool> TryHearAsync(ISubscriber subscriber, CancellationToken stop)
    {
        try
        {
            if (_queue is null)
            {
                // Not given up half way: a queue that nobody reads and nobody ends would only grow.
                _queue = await subscriber.SubscribeAsync(_channel).ConfigureAwait(false);
                _queue.OnMessage(message => Receive(message.Message));
            }

            var proven = _proven = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await subscriber.PublishAsync(_channel, BackplaneMessage.WriteProof(_sender)).WaitAsync(stop).ConfigureAwait(false);
            await proven.Task.WaitAsync(_options.DeafInterval, _options.TimeProvider, stop).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            // Afresh next time: it may be the subscription that was not restored.
            await UnsubscribeAsync().ConfigureAwait(false);
            return false;
        }
    }

    private async Task UntilBrokenAsync(ISubscriber subscriber, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await _broken.Task.WaitAsync(_options.CheckInterval, _options.TimeProvider, stop).ConfigureAwait(false);
                return;
            }
            catch (TimeoutException)
            {
                // Nothing happened that an event told of.
            }

            try
            {
                await subscriber.PingAsync().WaitAsync(stop).ConfigureAwait(false);
            }
            catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task PauseAsync(CancellationToken stop)
    {
        TellIfMissed();
        try
        {
            await _broken.Task.WaitAsync(_options.DeafInterval, _options.TimeProvider, stop).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Time for another attempt.
        }
    }

    private void Receive(RedisValue value)
    {
        if (!BackplaneMessage.TryRead(((ReadOnlyMemory<byte>)value).Span, out var sender, out var notice, out var isProof))
        {
            BackplaneMeter.Bad.Add(1);
        }
        else if (isProof)
        {
            if (sender == _sender)
            {
                _proven.TrySetResult();
            }
        }
        else if (sender != _sender)
        {
            BackplaneMeter.Received.Add(1);
            _tell(notice.Value);
        }
    }

    private async Task UnsubscribeAsync()
    {
        if (_queue is not { } queue)
        {
            return;
        }

        _queue = null;
        try
        {
            await queue.UnsubscribeAsync(CommandFlags.FireAndForget).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            // The connection is gone, and the subscription with it.
        }
    }

    private void TellIfMissed()
    {
        if (_mayServe)
        {
            Tell();
        }
    }

    private void Tell() => _tell(new CacheNotice(CacheNoticeKind.Gap));

    private void OnChange(object? sender, ConnectionFailedEventArgs e) => _broken.TrySetResult();
}
