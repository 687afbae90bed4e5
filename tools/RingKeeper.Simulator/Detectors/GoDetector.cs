namespace RingKeeper.Simulator.Detectors;

/// <summary>
/// The Go package's rule: a check that fails kills when the threshold has passed since the last good one, the first check of all at once; a check has
/// no timeout; each death costs good answers before the return.
/// </summary>
internal sealed class GoDetector(TimeSpan interval, TimeSpan threshold, TimeSpan start) : IDetector
{
    private readonly PenaltyPolicy _penalty = new(threshold);
    private TimeSpan? _lastGood;
    private bool? _alive;

    public TimeSpan? NextProbe { get; private set; } = start;

    public TimeSpan? Due => null;

    public bool IsDead => _alive == false;

    public bool NoticedRestart => false;

    public bool WatchesConnection => false;

    public TimeSpan? OnProbe(TimeSpan now)
    {
        NextProbe = null;
        return null;
    }

    public void OnResult(ProbeOutcome outcome, TimeSpan sentAt, TimeSpan now, int run)
    {
        var next = sentAt + interval;
        NextProbe = next > now ? next : now;
        if (outcome is ProbeOutcome.Alive or ProbeOutcome.Busy)
        {
            _lastGood = now;
            _alive = _penalty.OnGoodAnswer() || _alive == true;
        }
        else if (_alive is null || (_alive == true && now - _lastGood > threshold))
        {
            _penalty.OnDeath();
            _alive = false;
        }
    }

    public void OnTime(TimeSpan now) => throw new InvalidOperationException("Go's rule knows no time but that of a check.");

    public void OnClosed(TimeSpan now) => throw new InvalidOperationException("Go's rule does not watch connections.");
}
