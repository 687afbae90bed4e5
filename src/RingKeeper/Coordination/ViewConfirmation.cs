using Microsoft.Extensions.Logging;

namespace RingKeeper;

/// <summary>Knows since when ZooKeeper has not vouched for a client's view, and tells the host how far the view is trusted. Lookups never ask it.</summary>
internal sealed class ViewConfirmation : IDisposable
{
    private readonly string _cluster;
    private readonly ClusterOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<ViewTrust> _setTrust;
    private readonly Lock _gate = new();

    // Runs only while the view is not confirmed and not yet stale.
    private readonly ITimer _timer;

    // While not confirmed: the view was _ageThen old at the timestamp _doubtedAt.
    private long _doubtedAt;
    private TimeSpan _ageThen;
    private bool _isConfirmed;
    private bool _isUnproven;
    private bool _isStale;
    private bool _isDisposed;
    private int _doubts;

    public ViewConfirmation(string cluster, ClusterOptions options, ILogger logger, Action<ViewTrust> setTrust)
    {
        (_cluster, _options, _time, _logger, _setTrust) = (cluster, options, options.TimeProvider, logger, setTrust);
        _doubtedAt = _time.GetTimestamp();
        _timer = _time.CreateTimer(static state => ((ViewConfirmation)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How long ZooKeeper has not vouched for the view; zero while it does.</summary>
    public TimeSpan Age
    {
        get
        {
            lock (_gate)
            {
                return AgeNow();
            }
        }
    }

    public bool IsConfirmed
    {
        get
        {
            lock (_gate)
            {
                return _isConfirmed;
            }
        }
    }

    /// <summary>Begins a check of the view; <see cref="End"/> takes what it returns.</summary>
    public ViewCheck BeginCheck()
    {
        lock (_gate)
        {
            return new ViewCheck(_doubts, _time.GetTimestamp());
        }
    }

    /// <summary>
    /// A check found the view to be ZooKeeper's. It counts unless a doubt came since the check began; then another check is due. A view that is
    /// neither stale nor unproven is at least known to have been ZooKeeper's when that check began.
    /// </summary>
    /// <param name="check">What <see cref="BeginCheck"/> returned.</param>
    /// <param name="isUnbroken">Whether the session lasted through the check.</param>
    /// <returns>Whether the view is confirmed.</returns>
    public bool End(ViewCheck check, bool isUnbroken = true)
    {
        lock (_gate)
        {
            if (check.Doubts != _doubts || !isUnbroken)
            {
                if (!_isConfirmed && !_isStale && !_isUnproven && AgeNow() > _time.GetElapsedTime(check.Began))
                {
                    (_doubtedAt, _ageThen) = (check.Began, TimeSpan.Zero);
                }

                // The first check of a client begins the age here, and with it the wait for it to be too great.
                Settle();
                return false;
            }

            if (_isStale || _isUnproven)
            {
                Log.ViewConfirmed(_logger, _cluster, AgeNow().TotalSeconds);
            }

            _isConfirmed = true;
            _isUnproven = false;
            Settle();
            return true;
        }
    }

    /// <summary>The view may be outdated.</summary>
    /// <param name="since">The timestamp up to which it surely was ZooKeeper's.</param>
    /// <returns>Whether it was confirmed until now.</returns>
    public bool Doubt(long since)
    {
        lock (_gate)
        {
            _doubts++;
            if (!_isConfirmed)
            {
                return false;
            }

            (_isConfirmed, _doubtedAt, _ageThen) = (false, since, TimeSpan.Zero);
            Settle();
            return true;
        }
    }

    /// <summary>Takes a view of this age from a snapshot for one that nobody vouches for yet.</summary>
    public void StartUnconfirmed(TimeSpan age)
    {
        lock (_gate)
        {
            _doubts++;
            (_isConfirmed, _doubtedAt, _ageThen) = (false, _time.GetTimestamp(), age);
            _isUnproven = !_options.TrustSnapshot;
            Settle();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _timer.Dispose();
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            Settle();
        }
    }

    private TimeSpan AgeNow() => _isConfirmed ? TimeSpan.Zero : _ageThen + _time.GetElapsedTime(_doubtedAt);

    private void Settle()
    {
        if (_isDisposed)
        {
            return;
        }

        var left = _options.StaleViewAfter - AgeNow();
        var isStale = !_isConfirmed && left <= TimeSpan.Zero;
        if (isStale && !_isStale)
        {
            Log.ViewStale(_logger, _cluster, AgeNow().TotalSeconds, _options.StaleViewPolicy);
        }

        _isStale = isStale;
        _setTrust(ViewTrustPolicy.Decide(_isConfirmed, _isUnproven, isStale, _options.StaleViewPolicy));

        // Whole milliseconds, rounded up: timers know no less.
        _timer.Change(
            _isConfirmed || isStale ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)),
            Timeout.InfiniteTimeSpan);
    }
}
