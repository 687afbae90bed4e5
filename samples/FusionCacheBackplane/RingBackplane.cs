using RingKeeper;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Backplane;

namespace FusionCacheBackplane;

/// <summary>A backplane of FusionCache over the ring's shards.</summary>
/// <param name="connector">The ring.</param>
/// <param name="dropAll">Drops everything near: called when messages may have been lost.</param>
public sealed class RingBackplane(IConnector connector, Action dropAll) : IFusionCacheBackplane, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CacheBackplane? _backplane;
    private Task _reading = Task.CompletedTask;

    /// <summary>Ends when messages of others are heard.</summary>
    public Task Subscribed => _subscribed.Task;

    public void Subscribe(BackplaneSubscriptionOptions options) => _reading = ReadAsync(options);

    public async ValueTask SubscribeAsync(BackplaneSubscriptionOptions options)
    {
        Subscribe(options);
        await Subscribed;
    }

    public void Unsubscribe() => _stop.Cancel();

    public ValueTask UnsubscribeAsync() => new(_stop.CancelAsync());

    public void Publish(BackplaneMessage message, FusionCacheEntryOptions options, CancellationToken token = default) => _backplane?.Publish(ToNotice(message));

    public async ValueTask PublishAsync(BackplaneMessage message, FusionCacheEntryOptions options, CancellationToken token = default)
    {
        if (_backplane is { } backplane)
        {
            await backplane.PublishAsync(ToNotice(message), token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_backplane is { } backplane)
        {
            await backplane.DisposeAsync();
        }

        // Throws what ended it, if that was not the end of this.
        await _reading;
        _stop.Dispose();
    }

    private async Task ReadAsync(BackplaneSubscriptionOptions options)
    {
        try
        {
            _backplane = new CacheBackplane(connector, new CacheBackplaneOptions { Channel = options.ChannelName ?? "fusion" });
            await _backplane.StartAsync(_stop.Token);
            await foreach (var notice in _backplane.WatchAsync(_stop.Token))
            {
                if (notice.Kind == CacheNoticeKind.Gap)
                {
                    dropAll();
                    options.ConnectHandler?.Invoke(new BackplaneConnectionInfo(Subscribed.IsCompleted));
                    _subscribed.TrySetResult();
                }
                else if (notice.Kind == CacheNoticeKind.Everything)
                {
                    dropAll();
                }
                else
                {
                    options.IncomingMessageHandler?.Invoke(BackplaneMessage.FromByteArray(notice.Data.ToArray()));
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            _subscribed.TrySetCanceled();
        }
        catch (Exception e)
        {
            // Nothing is heard any more: better an empty memory than an old one.
            dropAll();
            _subscribed.TrySetException(e);
            throw;
        }
    }

    // Every message goes over the shard of its key, with FusionCache's own bytes.
    private static CacheNotice ToNotice(BackplaneMessage message) =>
        new(CacheNoticeKind.Key, message.CacheKey ?? "", BackplaneMessage.ToByteArray(message));
}
