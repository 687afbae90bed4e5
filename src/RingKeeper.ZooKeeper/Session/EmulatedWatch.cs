namespace RingKeeper.ZooKeeper.Session;

/// <summary>
/// Serves a subscription by one-shot watches: one of the znode, one of its children while it exists. After each event the watch that fired is set
/// again, and what the answer tells is held against what the event explains; where more may have happened, a Gap follows.
/// </summary>
internal sealed class EmulatedWatch(ClientSession session, WatchSubscription subscription) : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private Task _run = Task.CompletedTask;

    // What is set.
    private Task<WatchedEvent>? _node;
    private Task<WatchedEvent>? _children;

    // The znode as it was when the two were set. The version of either kind is that of the watch that will tell its next change: the answer to the other one
    // may already know changes that are still to be told, and one behind them would go unnoticed.
    private Stat? _known;

    // The connection that _known was read over; 0 before the first.
    private int _connection;

    // The session that they were set in; 0 once its end is told. It may end while nothing is set, or the next one begin before its end is noticed.
    private long _session;

    private string Path => subscription.Path;

    /// <summary>Sets what is not set, all of it over one connection.</summary>
    public async Task ArmAsync(SessionSnapshot? boundTo, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_session != session.Feed.Current.SessionId)
            {
                // What is left of a session that is over could only tell its end once more.
                Forget(ref _node);
                Forget(ref _children);
            }

            _connection = session.Feed.Current.Connection;
            if (_node is null)
            {
                var before = _known;
                (_known, _node) = await session.ReadAndWatchAsync(Path, OneShotKind.Data, boundTo, cancellationToken).ConfigureAwait(false);
                if (_children is not null && _known is { } node && before is { } was && was.Czxid == node.Czxid)
                {
                    _known = node with { Cversion = was.Cversion };
                }
            }

            if (_known is not null && _children is null)
            {
                await ArmChildrenAsync(boundTo, cancellationToken).ConfigureAwait(false);
            }

            var current = session.Feed.Current;
            if (current.Connection == _connection)
            {
                _session = current.SessionId;
                return;
            }

            Forget(ref _node);
            Forget(ref _children);
        }
    }

    /// <summary>Begins to follow the znode.</summary>
    public void Start() => _run = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        Forget(ref _node);
        Forget(ref _children);
    }

    private async Task ArmChildrenAsync(SessionSnapshot? boundTo, CancellationToken cancellationToken)
    {
        try
        {
            var before = _known;
            (_known, _children) = await session.ReadAndWatchAsync(Path, OneShotKind.Child, boundTo, cancellationToken).ConfigureAwait(false);
            if (_known is { } parent && before is { } was && was.Czxid == parent.Czxid)
            {
                _known = parent with { Version = was.Version };
            }
        }
        catch (ZooKeeperException exception) when (exception.Code == ZooKeeperErrorCode.NoNode)
        {
            // Deleted since it was seen: the watch of the znode has told so or is about to.
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (await FollowAsync().ConfigureAwait(false))
            {
                // It goes on until it ends.
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // Disposed.
        }
        catch (ObjectDisposedException)
        {
            Tell(WatchedEventType.Closed);
            subscription.Events.Complete();
        }
        catch (ZooKeeperException exception)
        {
            // Whoever reads the stream must know that nothing follows.
            subscription.Events.Complete(exception);
        }
    }

    /// <summary>One round: waits for an event or another connection, tells it, sets the watch again. False when nothing can follow.</summary>
    private async Task<bool> FollowAsync()
    {
        if (await NextConnectionIfBrokenAsync().ConfigureAwait(false) is not { } isBroken)
        {
            Tell(WatchedEventType.Closed);
            subscription.Events.Complete();
            return false;
        }

        var before = _known;
        var changes = isBroken ? [] : TakeFired();
        foreach (var change in changes)
        {
            Tell(change.Type);
        }

        if (changes.Exists(change => change.Type is WatchedEventType.Closed or WatchedEventType.Removed))
        {
            subscription.Events.Complete();
            return false;
        }

        if (changes.Exists(static change => change.Type == WatchedEventType.SessionExpired))
        {
            _session = 0;
        }

        return await RearmAsync(before, changes, isBroken).ConfigureAwait(false);
    }

    private async Task<bool> RearmAsync(Stat? before, List<WatchedEvent> changes, bool isBroken)
    {
        var earlier = _session;
        try
        {
            await ArmAsync(boundTo: null, _ending.Token).ConfigureAwait(false);
        }
        catch (ZooKeeperException exception) when (exception.Code is ZooKeeperErrorCode.ConnectionLoss or ZooKeeperErrorCode.SessionExpired)
        {
            // The next connection is another one, and that is told by a Gap.
            _connection = 0;
            return true;
        }

        var isOtherSession = earlier != _session;
        if (isOtherSession && earlier != 0)
        {
            Tell(WatchedEventType.SessionExpired);
        }

        if (isBroken || isOtherSession || !OneShotGap.IsExplained(before, changes, _known))
        {
            Tell(WatchedEventType.Gap);
        }

        return true;
    }

    /// <summary>Waits until a watch has fired or the connection is another one, in which case all is set anew. Null when the client is closed.</summary>
    private async Task<bool?> NextConnectionIfBrokenAsync()
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        var broken = NextOtherConnectionAsync(done.Token);
        var first = await Task.WhenAny([broken, .. Armed()]).ConfigureAwait(false);
        if (first != broken)
        {
            await done.CancelAsync().ConfigureAwait(false);
            await ((Task)broken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return false;
        }

        if (!await broken.ConfigureAwait(false))
        {
            return null;
        }

        Forget(ref _node);
        Forget(ref _children);
        return true;
    }

    private async Task<bool> NextOtherConnectionAsync(CancellationToken cancellationToken)
    {
        await foreach (var snapshot in session.Feed.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (snapshot.IsConnected && snapshot.Connection != _connection)
            {
                return true;
            }
        }

        return false;
    }

    private IEnumerable<Task> Armed() => new[] { _node, _children }.OfType<Task>();

    private List<WatchedEvent> TakeFired()
    {
        var fired = new List<WatchedEvent>();
        Take(ref _node, fired);
        Take(ref _children, fired);

        // One deletion or one end of a session ends both.
        return [.. fired.DistinctBy(change => change.Type)];
    }

    private static void Take(ref Task<WatchedEvent>? watch, List<WatchedEvent> fired)
    {
        if (watch is { IsCompletedSuccessfully: true })
        {
            fired.Add(watch.Result);
            watch = null;
        }
    }

    private void Tell(WatchedEventType type)
    {
        if (type is WatchedEventType.SessionExpired or WatchedEventType.Closed or WatchedEventType.Removed)
        {
            subscription.Events.AddAlways(type);
        }
        else
        {
            subscription.Events.Add(new WatchedEvent(type, Path));
        }
    }

    private void Forget(ref Task<WatchedEvent>? watch)
    {
        if (watch is not null)
        {
            session.Forget(Path, watch);
            watch = null;
        }
    }
}
