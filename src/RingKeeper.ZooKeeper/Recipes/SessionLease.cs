using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper.Session;

namespace RingKeeper.ZooKeeper;

/// <summary>
/// Holds the first place of a line for as long as nobody else can hold it: renewed by writes, ended by a timer before the servers could end the session, and at once
/// when the own znode or the session is gone. A short loss of the connection does not end it.
/// </summary>
internal sealed class SessionLease : IAsyncDisposable
{
    private readonly IZNodeStore _store;
    private readonly Func<SessionSnapshot, long, long?> _touchedBefore;
    private readonly LeaseRules _rules;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WakeSignal _wake;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly int _epoch;
    private readonly ITimer _timer;
    private Task _running = Task.CompletedTask;
    private TenureEnd _end;

    // Never goes back.
    private long _safeUntil;

    // The connection that the last renewal went over.
    private int _renewedOver;

    private SessionLease(
        IZNodeStore store, SessionSnapshot session, string path, long fencingToken, Func<SessionSnapshot, long, long?> touchedBefore, LeaseRules rules, TimeProvider time, ILogger logger)
    {
        (_store, _touchedBefore, _rules, _time, _logger, _epoch) = (store, touchedBefore, rules, time, logger, session.Epoch);
        (Path, FencingToken, LostToken) = (path, fencingToken, _lost.Token);
        _wake = new WakeSignal(time);
        _timer = time.CreateTimer(static state => ((SessionLease)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Path { get; }

    /// <summary>The zxid that created the znode: later holders have greater ones.</summary>
    public long FencingToken { get; }

    /// <summary>Cancelled when the lease ends, for whatever reason.</summary>
    public CancellationToken LostToken { get; }

    /// <summary>Until when nobody else can hold the place, as a timestamp.</summary>
    public long SafeUntil => Interlocked.Read(ref _safeUntil);

    public TimeSpan SafeFor => End != TenureEnd.None || Left is not { Ticks: > 0 } left ? TimeSpan.Zero : left;

    // Looks at the clock itself: a timer may be late.
    public TenureEnd End
    {
        get
        {
            lock (_gate)
            {
                return _end != TenureEnd.None ? _end : Left > TimeSpan.Zero ? TenureEnd.None : TenureEnd.LeaseRanOut;
            }
        }
    }

    private TimeSpan Left => _time.GetElapsedTime(_time.GetTimestamp(), SafeUntil);

    /// <summary>Proves that the own znode stands, and holds it from then on.</summary>
    /// <returns>The lease; null if what is known of the session does not reach far enough yet: try again soon.</returns>
    /// <exception cref="ZooKeeperException">The znode does not exist, or the servers could not be asked.</exception>
    public static async Task<SessionLease?> TryBeginAsync(
        IZNodeStore store, SessionSnapshot session, string path, WatchedResult<NodeChildren> own, Func<SessionSnapshot, long, long?> touchedBefore, double margin, TimeProvider time, ILogger logger,
        CancellationToken cancellationToken)
    {
        var lease = new SessionLease(store, session, path, own.Value.Stat.Czxid, touchedBefore, new LeaseRules(session.NegotiatedTimeout, margin), time, logger);
        try
        {
            if (await lease.TryRenewAsync(session, cancellationToken).ConfigureAwait(false))
            {
                lease.Begin(own.Changed);
                return lease;
            }
        }
        catch
        {
            await lease.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await lease.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    /// <summary>Looks at the session at once: it has changed.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Ends the lease, if it has not ended.</summary>
    public void Finish(TenureEnd end)
    {
        lock (_gate)
        {
            if (_end != TenureEnd.None)
            {
                return;
            }

            _end = end;
        }

        // Cancelled for all who ask as of now; what is registered runs on the thread pool.
        _ = _lost.CancelAsync();
        _ = _stop.CancelAsync();
        if (end != TenureEnd.Released)
        {
            RecipeLog.TenureEnded(_logger, Path, end);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Finish(TenureEnd.Released);
        await _running.ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Begin(Task<WatchedEvent> ownGone)
    {
        OnTimer();
        PredecessorWatch.WakeWhen(ownGone, () => Finish(ownGone.Result.Type == WatchedEventType.NodeDeleted ? TenureEnd.NodeDeleted : TenureEnd.SessionLost));
        _running = RunAsync(_stop.Token);
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = _rules.Interval;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(pause, cancellationToken).ConfigureAwait(false);
                pause = await KeepAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
            {
                Finish(TenureEnd.NodeDeleted);
            }
            catch (ZooKeeperException e)
            {
                // The lease lasts as long as it was granted; the next connection, or the next attempt, may renew it.
                RecipeLog.LeaseNotRenewed(_logger, Path, e.Message);
                pause = _rules.RetryPause;
            }
            catch (ObjectDisposedException)
            {
                Finish(TenureEnd.SessionLost);
            }
        }
    }

    private long _renewedAt;

    // Returns how long nothing has to be done.
    private async Task<TimeSpan> KeepAsync(CancellationToken cancellationToken)
    {
        var session = _store.Session;
        if (session.Epoch != _epoch || session.State is SessionState.Lost or SessionState.Connecting or SessionState.AuthFailed or SessionState.Closed)
        {
            Finish(TenureEnd.SessionLost);
            return Timeout.InfiniteTimeSpan;
        }

        if (session.State != SessionState.Connected)
        {
            // Its return wakes.
            return Timeout.InfiniteTimeSpan;
        }

        var left = _rules.Interval - _time.GetElapsedTime(_renewedAt);
        if (session.Connection == _renewedOver && left > TimeSpan.Zero)
        {
            return left;
        }

        await TryRenewAsync(session, cancellationToken).ConfigureAwait(false);
        return _rules.Interval;
    }

    private async Task<bool> TryRenewAsync(SessionSnapshot session, CancellationToken cancellationToken)
    {
        var sent = _time.GetTimestamp();
        await _store.BoundTo(session).MultiAsync([ZooKeeperOp.Check(Path)], cancellationToken).ConfigureAwait(false);

        // The next write follows late enough for this one to count.
        (_renewedOver, _renewedAt) = (session.Connection, _time.GetTimestamp());
        var spacing = (long)(_rules.Spacing.TotalSeconds * _time.TimestampFrequency);
        if (_touchedBefore(session, sent - spacing) is not { } touch)
        {
            return false;
        }

        lock (_gate)
        {
            // What has run out does not come back: another may have held the place meanwhile.
            var until = touch + (long)(_rules.Length.TotalSeconds * _time.TimestampFrequency);
            if (_end != TenureEnd.None || (_safeUntil != 0 && Left <= TimeSpan.Zero))
            {
                return false;
            }

            Interlocked.Exchange(ref _safeUntil, Math.Max(_safeUntil, until));
        }

        return Left > TimeSpan.Zero;
    }

    private void OnTimer()
    {
        if (Left is var left && left <= TimeSpan.Zero)
        {
            Finish(TenureEnd.LeaseRanOut);
        }
        else
        {
            // Timers count in whole milliseconds, and this one must not be late; a timer that fires early is set again.
            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, Math.Floor(left.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
        }
    }
}
