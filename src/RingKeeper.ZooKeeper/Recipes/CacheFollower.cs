using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace RingKeeper.ZooKeeper;

/// <summary>
/// Keeps a copy of a znode, or of all below it: one loop that reads what events name, and looks at everything again where events may have been missed. No code of others runs in it.
/// </summary>
internal sealed class CacheFollower : IAsyncDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    // More names than this, of znodes that came and went, are not worth keeping: everything is looked at again instead.
    private const int MaxDirty = 100_000;

    private readonly ZooKeeperClient _client;
    private readonly string _root;
    private readonly bool _isTree;
    private readonly CacheOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Random _random;
    private readonly WakeSignal _wake;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _initial = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lazy<Task> _disposal;

    // The loop's alone.
    private readonly CacheTable _table = new();
    private string? _told;

    // What the listener leaves for the loop, and what both tell of freshness.
    private readonly Lock _gate = new();
    private HashSet<string> _dirty = new(StringComparer.Ordinal);
    private bool _mustResync = true;
    private bool _isSettled;
    private long _settledAt;

    // The connections that the watch was set on last, and that what is held was read over.
    private int _armedOver;
    private int _settledOver;
    private readonly List<CacheFeed> _feeds = [];
    private bool _isOver;

    private volatile ImmutableSortedDictionary<string, CachedNode> _nodes = ImmutableSortedDictionary.Create<string, CachedNode>(StringComparer.Ordinal);
    private long _zxid;
    private WatchSubscription? _watch;
    private Task _running = Task.CompletedTask;

    private CacheFollower(ZooKeeperClient client, string root, bool isTree, CacheOptions options)
    {
        CacheOptions.Check(options);
        (_client, _root, _isTree, _options) = (client, root, isTree, options);
        (_time, _logger, _random) = (client.Options.TimeProvider, client.Options.Logger, client.SplitRandom());
        _wake = new WakeSignal(_time);
        _settledAt = _time.GetTimestamp();
        _disposal = new Lazy<Task>(StopAsync);
    }

    public ImmutableSortedDictionary<string, CachedNode> Nodes => _nodes;

    public CacheFreshness Freshness
    {
        get
        {
            lock (_gate)
            {
                var session = _client.Session;
                var isUnbroken = _isSettled && session.Connection == _settledOver;
                var heard = isUnbroken ? Math.Max(_client.LastContact, _settledAt) : _settledAt;
                return new CacheFreshness(isUnbroken && session.IsConnected, Interlocked.Read(ref _zxid), _time.GetElapsedTime(heard));
            }
        }
    }

    /// <summary>How many reads a resync made of data; for tests.</summary>
    public long DataReads { get; private set; }

    public static async Task<CacheFollower> StartAsync(ZooKeeperClient client, string root, bool isTree, CacheOptions options, CancellationToken cancellationToken)
    {
        var follower = new CacheFollower(client, root, isTree, options);
        try
        {
            // Armed before the first read, so that no change falls in between.
            follower._watch = await client.WatchAsync(root, isTree ? WatchMode.PersistentRecursive : WatchMode.Persistent, cancellationToken).ConfigureAwait(false);
            follower._armedOver = client.Session.Connection;
            follower._running = Task.WhenAll(follower.ListenAsync(follower._watch), follower.RunGuardedAsync(follower._stop.Token));
            return follower;
        }
        catch
        {
            follower._stop.Dispose();
            throw;
        }
    }

    public Task WaitForInitialAsync(CancellationToken cancellationToken) => _initial.Task.WaitAsync(cancellationToken);

    // What is held when the reading begins is told first, in one with taking part, so that nothing falls in between.
    public async IAsyncEnumerable<CacheChange> ReadChangesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var feed = new CacheFeed(_root, _options.ChangeCapacity);
        ImmutableSortedDictionary<string, CachedNode> held;
        lock (_gate)
        {
            held = _nodes;
            _feeds.Add(feed);
            if (_isOver)
            {
                feed.End();
            }
        }

        try
        {
            foreach (var (path, node) in held)
            {
                yield return new CacheChange(CacheChangeType.Added, path, null, node);
            }

            await foreach (var change in feed.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return change;
            }
        }
        finally
        {
            lock (_gate)
            {
                _feeds.Remove(feed);
            }
        }
    }

    public async ValueTask DisposeAsync() => await _disposal.Value.ConfigureAwait(false);

    private async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watch!.DisposeAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task ListenAsync(WatchSubscription watch)
    {
        try
        {
            await foreach (var change in watch.ReadAllAsync().ConfigureAwait(false))
            {
                lock (_gate)
                {
                    if (change.Type is WatchedEventType.Gap or WatchedEventType.SessionExpired || _dirty.Count >= MaxDirty)
                    {
                        _mustResync = true;
                        _armedOver = _client.Session.Connection;
                        _dirty.Clear();
                    }
                    else if (change.Type != WatchedEventType.Closed && !_mustResync)
                    {
                        _dirty.Add(change.Path);
                    }

                    Unsettle();
                }

                _wake.Set();
            }
        }
        catch (ZooKeeperException e)
        {
            // The servers would not set the watch again: what is held cannot be kept up, and whoever reads changes must not wait for ever.
            RecipeLog.CacheUnwatched(_logger, _root, e.Message);
            _initial.TrySetException(e);
        }

        // The client is closed, or this cache is, or its watch is gone.
        await _stop.CancelAsync().ConfigureAwait(false);
    }

    // Under the lock. What was told until now is held; what is told from now on is not yet.
    private void Unsettle()
    {
        if (_isSettled)
        {
            _isSettled = false;
            _settledAt = _time.GetTimestamp();
        }
    }

    private async Task RunGuardedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
        catch (ObjectDisposedException)
        {
            // The client is closed.
        }
#pragma warning disable CA1031 // Nobody awaits this loop while it runs: a defect must be logged, and end what waits for it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            RecipeLog.CacheBroken(_logger, exception, _root);
            _initial.TrySetException(exception);
        }

        _initial.TrySetException(new ObjectDisposedException(_isTree ? nameof(TreeCache) : nameof(NodeCache)));
        _ = _initial.Task.Exception;
        lock (_gate)
        {
            (_isOver, _isSettled) = (true, false);
            _feeds.ForEach(feed => feed.End());
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (paths, resyncs) = Take();
            try
            {
                var session = await _client.WhenConnectedOrReadOnlyAsync(cancellationToken).ConfigureAwait(false);
                if (resyncs)
                {
                    await ResyncAsync(cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    await ReadAsync(paths, cancellationToken).ConfigureAwait(false);
                }

                _told = null;
                if (HasMore(session))
                {
                    continue;
                }

                await _wake.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
            }
            catch (ZooKeeperException e)
            {
                GiveBack(paths, resyncs);
                if (_told != e.Message)
                {
                    _told = e.Message;
                    RecipeLog.CacheTrouble(_logger, _root, e.Path ?? _root, e.Message);
                }

                await Task.Delay(RetryPause, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private (HashSet<string> Paths, bool Resyncs) Take()
    {
        lock (_gate)
        {
            var taken = (_dirty, _mustResync);
            (_dirty, _mustResync) = (new HashSet<string>(StringComparer.Ordinal), false);
            return taken;
        }
    }

    private void GiveBack(HashSet<string> paths, bool resyncs)
    {
        lock (_gate)
        {
            _mustResync |= resyncs;
            _dirty.UnionWith(paths);
        }
    }

    // All that was told is held now, unless more was told meanwhile. Over another connection than the watch was set on, a gap is about to be told.
    private bool HasMore(SessionSnapshot session)
    {
        lock (_gate)
        {
            if (_mustResync || _dirty.Count > 0)
            {
                return true;
            }

            if (session.Connection == _armedOver && _client.Session.Connection == _armedOver)
            {
                (_isSettled, _settledAt, _settledOver) = (true, _time.GetTimestamp(), _armedOver);
                _initial.TrySetResult();
            }

            return false;
        }
    }

    // Walks the tree from its root: one list for each znode, and data only where they changed.
    private async Task ResyncAsync(CancellationToken cancellationToken)
    {
        if (_initial.Task.IsCompleted)
        {
            await Task.Delay(_options.ResyncJitter * _random.NextDouble(), _time, cancellationToken).ConfigureAwait(false);
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        List<string> level = [_root];
        while (level.Count > 0)
        {
            var next = new List<string>();
            foreach (var batch in level.Chunk(_options.MaxConcurrentReads))
            {
                var lists = await Task.WhenAll(batch.Select(path => TryListAsync(path, cancellationToken))).ConfigureAwait(false);
                foreach (var (path, list) in batch.Zip(lists))
                {
                    if (list is { } children && (path == _root || !seen.Contains(path)))
                    {
                        seen.Add(path);
                        next.AddRange(_isTree ? children.Names.Select(name => SessionRules.Join(path, name)) : []);
                    }
                }

                var changed = batch.Zip(lists).Where(l => l.Second is { } list && !_table.Holds(l.First, list.Stat)).Select(l => l.First);
                await ReadAsync([.. changed], cancellationToken).ConfigureAwait(false);
                foreach (var (path, list) in batch.Zip(lists).Where(l => l.Second is { } list && _table.Holds(l.First, list.Stat)))
                {
                    _table.PutStat(path, list!.Value.Stat);
                }
            }

            level = next;
        }

        // Read, and not taken for gone: what came since the walk passed stands.
        await ReadAsync([.. _table.Paths.Where(path => !seen.Contains(path))], cancellationToken).ConfigureAwait(false);
        Publish([]);
    }

    private async Task ReadAsync(IReadOnlyCollection<string> paths, CancellationToken cancellationToken)
    {
        // From the root down, so that a change of a znode is told before those of what is below it.
        foreach (var batch in paths.Order(StringComparer.Ordinal).Chunk(_options.MaxConcurrentReads))
        {
            var reads = await Task.WhenAll(batch.Select(path => TryReadAsync(path, cancellationToken))).ConfigureAwait(false);
            var changes = batch.Zip(reads).SelectMany(r => r.Second is { } read ? _table.Put(r.First, read.Data, read.Stat) : _table.Remove(r.First)).ToList();
            Publish(changes);
        }
    }

    private void Publish(List<CacheChange> changes)
    {
        lock (_gate)
        {
            _nodes = _table.ToImmutable();
            Interlocked.Exchange(ref _zxid, _table.Zxid);
            foreach (var change in changes)
            {
                _feeds.ForEach(feed => feed.Add(change));
            }
        }
    }

    private async Task<NodeData?> TryReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            DataReads++;
            return await _client.GetDataAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException e) when (IsNoneOfOurs(e, path))
        {
            return null;
        }
    }

    private async Task<NodeChildren?> TryListAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.GetChildrenAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException e) when (IsNoneOfOurs(e, path))
        {
            return null;
        }
    }

    // What may not be read is not in the cache; it keeps nothing else from being there.
    private bool IsNoneOfOurs(ZooKeeperException e, string path)
    {
        if (e.Code == ZooKeeperErrorCode.NoAuth)
        {
            RecipeLog.CacheTrouble(_logger, _root, path, e.Message);
        }

        return e.Code is ZooKeeperErrorCode.NoNode or ZooKeeperErrorCode.NoAuth;
    }
}
