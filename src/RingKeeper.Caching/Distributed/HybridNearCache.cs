using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RingKeeper;

/// <summary>Drops from the near half of a HybridCache what other processes have changed, as long as the host runs.</summary>
/// <param name="hybrid">The cache.</param>
/// <param name="memory">Where it keeps what is near; shared with whoever else uses the container's memory cache.</param>
/// <param name="marks">Its removals of tags.</param>
/// <param name="backplane">Where the others' changes come from.</param>
/// <param name="time">The source of time.</param>
/// <param name="logger">Receives what happens.</param>
internal sealed class HybridNearCache(HybridCache hybrid, IMemoryCache memory, TagMarks marks, CacheBackplane backplane, TimeProvider time, ILogger logger) : BackgroundService
{
    /// <summary>After how long what was dropped is dropped once more: an entry that was being read from its shard when the notice came is stored near only then.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await backplane.StartAsync(cancellationToken).ConfigureAwait(false);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var notice in backplane.WatchAsync(stoppingToken).ConfigureAwait(false))
        {
            await DropAsync(notice, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task DropAsync(CacheNotice notice, CancellationToken stop)
    {
        try
        {
            switch (notice.Kind)
            {
                case CacheNoticeKind.Key:
                    await DropKeyAsync(notice.Name).ConfigureAwait(false);
                    _ = AgainAsync(notice.Kind, () => DropKeyAsync(notice.Name), stop);
                    break;
                case CacheNoticeKind.Tag:
                    await NotifyingDistributedCache.RunNearAsync(() => hybrid.RemoveByTagAsync(notice.Name, CancellationToken.None)).ConfigureAwait(false);
                    break;
                default:
                    await DropEverythingAsync(stop).ConfigureAwait(false);
                    _ = AgainAsync(notice.Kind, DropEntriesAgain, stop);
                    break;
            }
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            // One bad notice must not end the watch over all others.
            CacheLog.NotDropped(logger, notice.Kind, e);
        }
    }

    private ValueTask DropKeyAsync(string key) => NotifyingDistributedCache.RunNearAsync(() => hybrid.RemoveAsync(key, CancellationToken.None));

    private async Task AgainAsync(CacheNoticeKind kind, Func<ValueTask> drop, CancellationToken stop)
    {
        try
        {
            await Task.Delay(Again, time, stop).ConfigureAwait(false);
            await drop().ConfigureAwait(false);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            CacheLog.NotDropped(logger, kind, e);
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
    }

    // To remove everything by tag would distrust the copies on every shard too, and a death of one shard would cost the whole cache.
    private async Task DropEverythingAsync(CancellationToken stop)
    {
        if (!TryDropEntries())
        {
            await NotifyingDistributedCache.RunNearAsync(() => hybrid.RemoveByTagAsync("*", stop)).ConfigureAwait(false);
        }

        foreach (var tag in await marks.ReadRisenAsync(stop).ConfigureAwait(false))
        {
            await NotifyingDistributedCache.RunNearAsync(() => hybrid.RemoveByTagAsync(tag, stop)).ConfigureAwait(false);
        }
    }

    private bool TryDropEntries()
    {
        if (memory is not MemoryCache entries)
        {
            return false;
        }

        foreach (var key in entries.Keys)
        {
            if (key is string text && entries.TryGetValue(text, out var value) && value?.GetType().Assembly == hybrid.GetType().Assembly)
            {
                entries.Remove(text);
            }
        }

        return true;
    }

    // Where entries cannot be listed, the removal of all tags holds for those stored later too.
    private ValueTask DropEntriesAgain()
    {
        TryDropEntries();
        return ValueTask.CompletedTask;
    }
}
