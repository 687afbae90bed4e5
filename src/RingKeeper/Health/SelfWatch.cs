namespace RingKeeper;

/// <summary>
/// The heartbeat of a checker: finds out when this process did not run. Whoever concludes from silence asks <see cref="Look"/> first, which also
/// sees a pause that the heartbeat itself has not been told of yet.
/// </summary>
internal sealed class SelfWatch : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly Func<SelfReading> _sensors;
    private readonly Action<Attention> _onPause;
    private readonly long _origin;
    private readonly DateTimeOffset _wallOrigin;
    private readonly Lock _gate = new();

    private readonly TimeSpan _threshold;

    // Under _gate.
    private SelfDistrustPolicy? _policy;
    private TimeSpan _told;
    private ITimer? _timer;
    private bool _disposed;

    /// <param name="threshold">The checker's threshold, to which the limits relate.</param>
    /// <param name="time">The source of time.</param>
    /// <param name="sensors">What else to read at each beat.</param>
    /// <param name="onPause">Called after each pause, with no lock held.</param>
    public SelfWatch(TimeSpan threshold, TimeProvider time, Func<SelfReading> sensors, Action<Attention> onPause)
    {
        _time = time;
        _sensors = sensors;
        _onPause = onPause;
        _origin = time.GetTimestamp();
        _wallOrigin = time.GetUtcNow();
        _threshold = threshold;
    }

    /// <summary>The time since the watch was made; the times of <see cref="Attention"/> count from there.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_origin);

    /// <summary>The wall clock, in microseconds since the Unix epoch.</summary>
    public long Microseconds => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The wall clock at a time that counts as <see cref="Now"/> does, as the clock stood when the watch was made: the same for the same time.</summary>
    public DateTimeOffset WallTime(TimeSpan at) => _wallOrigin + at;

    /// <summary>Begins to beat; until then nothing is distrusted.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_timer is null && !_disposed)
            {
                _policy = new SelfDistrustPolicy(_threshold, Now);
                _timer = _time.CreateTimer(static watch => ((SelfWatch)watch!).OnBeat(), this, _policy.Period, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>How well this process attended to its shards up to now.</summary>
    public Attention Look()
    {
        lock (_gate)
        {
            return _policy is null ? default : _policy.Look(Now);
        }
    }

    public async ValueTask DisposeAsync()
    {
        ITimer? timer;
        lock (_gate)
        {
            _disposed = true;
            timer = _timer;
            _timer = null;
        }

        if (timer is not null)
        {
            await timer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void OnBeat()
    {
        Attention attention;
        bool paused;
        lock (_gate)
        {
            if (_timer is null || _policy is null)
            {
                return;
            }

            attention = _policy.OnBeat(Now, _sensors());
            paused = attention.PausedUntil != _told;
            _told = attention.PausedUntil;

            // One shot at a time: after a pause a periodic timer would not know how late it is.
            _timer.Change(_policy.Period, Timeout.InfiniteTimeSpan);
        }

        if (paused)
        {
            _onPause(attention);
        }
    }
}
