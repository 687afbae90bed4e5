namespace RingKeeper.Simulator.Detectors;

/// <summary>A checker of RingKeeper: the product's own <see cref="ShardHealth"/> and <see cref="SelfDistrustPolicy"/>, and the times at which its probe loop asks them.</summary>
internal sealed class RingKeeperDetector : IDetector
{
    // The probe loop's: how far apart the starts of two probes are at least when the connection closes in between.
    private static readonly TimeSpan LeastSpacing = TimeSpan.FromMilliseconds(50);

    private readonly LocalCheckerOptions _options;
    private readonly Random _random;
    private readonly ShardHealth _health;
    private readonly SelfDistrustPolicy _self;
    private TimeSpan _nextBeat;
    private TimeSpan _told;
    private TimeSpan _started;
    private int? _run;

    public RingKeeperDetector(TimeSpan interval, TimeSpan threshold, TimeSpan start, Random random)
    {
        _options = new LocalCheckerOptions { Interval = interval, Threshold = threshold };
        _random = random;
        _health = new ShardHealth(threshold, start);
        _self = new SelfDistrustPolicy(threshold, start);
        _nextBeat = start + _self.Period;
        NextProbe = start;
    }

    public TimeSpan? NextProbe { get; private set; }

    public TimeSpan? Due => _health.Due < _nextBeat ? _health.Due : _nextBeat;

    public bool IsDead => _health.Verdict == ShardVerdict.Dead;

    public bool NoticedRestart { get; private set; }

    public bool WatchesConnection => true;

    public TimeSpan? OnProbe(TimeSpan now)
    {
        NextProbe = null;
        _started = now;
        return _health.ProbeTimeout(now, _options.EffectiveProbeTimeout);
    }

    public void OnResult(ProbeOutcome outcome, TimeSpan sentAt, TimeSpan now, int run)
    {
        var good = outcome is ProbeOutcome.Alive or ProbeOutcome.Busy;
        NoticedRestart |= good && _run is { } known && known != run;
        _run = good ? run : _run;
        _health.OnResult(outcome, now, sentAt, good ? now - sentAt : null, _self.Look(now));
        var next = _health.Next switch
        {
            RingKeeper.NextProbe.AtOnce => now,
            RingKeeper.NextProbe.AfterRefusal => now + ShardHealth.RefusalSpacing,
            RingKeeper.NextProbe.WhileDead => sentAt + _options.WhileDeadInterval,
            _ => sentAt + (_options.Interval * (0.9 + (0.2 * _random.NextDouble()))),
        };
        NextProbe = next > now ? next : now;
    }

    public void OnTime(TimeSpan now)
    {
        if (_health.Due <= now)
        {
            _health.OnTime(now, _self.Look(now));
        }

        if (_nextBeat > now)
        {
            return;
        }

        var attention = _self.OnBeat(now, default);
        _nextBeat = now + _self.Period;
        if (attention.PausedUntil != _told)
        {
            _told = attention.PausedUntil;
            _health.OnTime(now, attention);
            Hasten(now);
        }
    }

    public void OnClosed(TimeSpan now) => Hasten(now);

    private void Hasten(TimeSpan now)
    {
        var soon = _started + LeastSpacing > now ? _started + LeastSpacing : now;
        NextProbe = NextProbe < soon ? NextProbe : NextProbe is null ? null : soon;
    }
}
