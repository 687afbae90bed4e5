using System.Diagnostics;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Faults;

/// <summary>
/// Every change of a cluster's topology and status, with a time that it was not published before: what ZooKeeper stamped it with, on the same machine. A change
/// that was overtaken before it was seen gets the time of the one before it, which is earlier still.
/// </summary>
internal sealed class ChangeLog : IAsyncDisposable
{
    private readonly ZooKeeperClient _client;
    private readonly Feed[] _feeds;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<WatchSubscription> _watches = [];
    private readonly long _startWall = WallMicroseconds();
    private readonly long _start = Stopwatch.GetTimestamp();
    private Task _running = Task.CompletedTask;
    private long _drift;

    private ChangeLog(ZooKeeperClient client, string cluster)
    {
        _client = client;
        _feeds = [new Feed(ZKPaths.Cluster(cluster)), new Feed(ZKPaths.Status(cluster))];
    }

    public IReadOnlyList<PublishedChange> Topologies => _feeds[0].Changes;

    public IReadOnlyList<PublishedChange> Statuses => _feeds[1].Changes;

    /// <summary>The time, µs: the wall's at the start, and how long ago that was. What happens here is ordered by it.</summary>
    public long Now => _startWall + (long)Stopwatch.GetElapsedTime(_start).TotalMicroseconds;

    /// <summary>By how much at most the wall's clock has left <see cref="Now"/>, µs.</summary>
    public long Drift => Volatile.Read(ref _drift);

    public static async Task<ChangeLog> StartAsync(ZooKeeperClient client, string cluster)
    {
        var log = new ChangeLog(client, cluster);
        foreach (var feed in log._feeds)
        {
            log._watches.Add(await client.WatchAsync(feed.Path, WatchMode.Persistent, Cancel.Soon));
            await log.ReadAsync(feed, Cancel.Soon);
        }

        log._running = Task.WhenAll(log._feeds.Select((feed, i) => log.FollowAsync(feed, log._watches[i])));
        return log;
    }

    /// <summary>Ends the following and reads once more, so that nothing published until now is missing.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var feed in _feeds)
        {
            await ReadAsync(feed, Cancel.Soon);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var watch in _watches)
        {
            await watch.DisposeAsync();
        }

        _stop.Dispose();
    }

    private static long WallMicroseconds() => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private async Task FollowAsync(Feed feed, WatchSubscription watch)
    {
        await foreach (var _ in watch.ReadAllAsync(_stop.Token))
        {
            await ReadAsync(feed, _stop.Token);
        }
    }

    private async Task ReadAsync(Feed feed, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                feed.Take(await _client.ExistsAsync(feed.Path, cancellationToken));
                var drift = Math.Abs(WallMicroseconds() - Now);
                _drift = Math.Max(_drift, drift);
                return;
            }
            catch (ZooKeeperException)
            {
                // ZooKeeper is away, as it often is here.
                await _client.WaitForSessionAsync(cancellationToken);
            }
        }
    }

    private sealed class Feed(string path)
    {
        private readonly List<PublishedChange> _changes = [];
        private Stat? _last;

        public string Path => path;

        public IReadOnlyList<PublishedChange> Changes => _changes;

        public void Take(Stat? stat)
        {
            if (stat is null || stat.Value.Mzxid == _last?.Mzxid)
            {
                return;
            }

            if (_last is not null && stat.Value.Version > _last.Value.Version + 1)
            {
                _changes.Add(new PublishedChange(_last.Value.Mzxid + 1, _last.Value.Mtime * 1000));
            }

            _changes.Add(new PublishedChange(stat.Value.Mzxid, stat.Value.Mtime * 1000));
            _last = stat;
        }
    }
}
