using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// Tells the near caches of other processes what is outdated, by publish and subscribe on the ring's own shards. A process subscribes on every shard, and a notice goes over the
/// one that serves its key, so that the death of a shard loses no more than what is on its way; whatever may have been missed is told as a
/// <see cref="CacheNoticeKind.Gap"/>. Notices of one shard come in their order. Safe for concurrent use.
/// </summary>
public sealed partial class CacheBackplane : IAsyncDisposable
{
    private readonly IConnector _connector;
    private readonly IShardDoors _doors;
    private readonly CacheBackplaneOptions _options;
    private readonly RedisChannel _channel;
    private readonly Guid _sender = Guid.NewGuid();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _changing = new();

    // Only under _changing.
    private readonly Dictionary<ShardConnection, ShardListener> _listeners = [];
    private readonly List<NoticeFeed> _feeds = [];
    private readonly List<Task> _ending = [];
    private IReadOnlyList<ShardDoor>? _last;
    private Task? _following;
    private Task _owed = Task.CompletedTask;
    private bool _isDisposed;

    /// <summary>Creates a backplane; it can publish at once, and hears others once it is started.</summary>
    /// <param name="connector">The shards: a <see cref="ZKCluster"/>, <see cref="Cluster"/> or <see cref="SingleConnector"/>; stays the caller's.</param>
    /// <param name="options">The options (default: all defaults).</param>
    /// <exception cref="ArgumentException">The connector is one of the caller's own, which does not tell of every shard.</exception>
    public CacheBackplane(IConnector connector, CacheBackplaneOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(connector);
        _connector = connector;
        _doors = connector as IShardDoors
            ?? throw new ArgumentException($"A {connector.GetType().Name} does not tell of every shard. Use a ZKCluster, a Cluster or a SingleConnector.", nameof(connector));
        _options = options ?? new CacheBackplaneOptions();
        ArgumentException.ThrowIfNullOrEmpty(_options.Channel, nameof(options));
        _channel = RedisChannel.Literal(_options.Channel);
    }

    /// <summary>Subscribes on every shard, and follows the ring from then on. Called again, it does nothing.</summary>
    /// <param name="cancellationToken">Ends the wait; the subscriptions go on.</param>
    /// <returns>When each shard is heard, or was not for <see cref="CacheBackplaneOptions.DeafInterval"/>; gaps tell of those that are not heard.</returns>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        Task[] settled;
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_following is null)
            {
                Apply(_doors.Doors);
                _following = FollowAsync(_stop.Token);
            }

            settled = [.. _listeners.Values.Select(listener => listener.Settled)];
        }

        await Task.WhenAll(settled).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Gives what other processes publish, after a first <see cref="CacheNoticeKind.Gap"/>, since nobody knows what was missed before. A reader that falls far behind gets a gap
    /// for what it missed. Ends with the backplane.
    /// </summary>
    /// <param name="cancellationToken">Ends the feed.</param>
    /// <returns>The notices.</returns>
    public async IAsyncEnumerable<CacheNotice> WatchAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var feed = new NoticeFeed();
        feed.Add(new CacheNotice(CacheNoticeKind.Gap));
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _feeds.Add(feed);
        }

        try
        {
            await foreach (var notice in feed.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return notice;
            }
        }
        finally
        {
            lock (_changing)
            {
                _feeds.Remove(feed);
            }
        }
    }

    /// <summary>Ends the subscriptions and every feed.</summary>
    /// <returns>When they are ended.</returns>
    public async ValueTask DisposeAsync()
    {
        List<Task> ending;
        lock (_changing)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            Apply([]);
            ending = [.. _ending, _owed, _following ?? Task.CompletedTask];
            _feeds.ForEach(feed => feed.End());
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        while (true)
        {
            var changed = _doors.RoutesChanged;
            var doors = _doors.Doors;
            lock (_changing)
            {
                if (_isDisposed || (doors is null && changed.IsCompleted))
                {
                    return;
                }

                Apply(doors);
            }

            await changed.WaitAsync(stop).ConfigureAwait(false);
        }
    }

    // Under _changing. A decision or a topology change moves keys to where they were not written before: what is near may be older than what the others write there.
    private void Apply(IReadOnlyList<ShardDoor>? doors)
    {
        if (doors is null)
        {
            return;
        }

        var present = doors.Select(door => door.Connection).ToHashSet();
        foreach (var (connection, listener) in _listeners.Where(pair => !present.Contains(pair.Key)).ToArray())
        {
            _listeners.Remove(connection);
            _ending.RemoveAll(static end => end.IsCompleted);
            _ending.Add(listener.DisposeAsync().AsTask());
        }

        foreach (var door in doors)
        {
            if (_listeners.TryGetValue(door.Connection, out var listener))
            {
                listener.SetStatus(door.MayServe);
            }
            else
            {
                _listeners.Add(door.Connection, new ShardListener(door, _options, _sender, Tell));
            }
        }

        if (_last is { } last && !last.SequenceEqual(doors))
        {
            Tell(new CacheNotice(CacheNoticeKind.Gap));
        }

        _last = doors;
    }

    private void Tell(CacheNotice notice)
    {
        if (notice.Kind == CacheNoticeKind.Gap)
        {
            BackplaneMeter.Gaps.Add(1);
        }

        lock (_changing)
        {
            _feeds.ForEach(feed => feed.Add(notice));
        }
    }
}
