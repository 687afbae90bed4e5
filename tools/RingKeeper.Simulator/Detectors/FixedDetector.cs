namespace RingKeeper.Simulator.Detectors;

/// <summary>The rule of most load balancers and health checks: so many misses in a row, each with the same timeout; one good answer brings the server back.</summary>
internal sealed class FixedDetector(TimeSpan interval, TimeSpan timeout, int misses, TimeSpan start) : IDetector
{
    private int _missed;

    public TimeSpan? NextProbe { get; private set; } = start;

    public TimeSpan? Due => null;

    public bool IsDead => _missed >= misses;

    public bool NoticedRestart => false;

    public bool WatchesConnection => false;

    public TimeSpan? OnProbe(TimeSpan now)
    {
        NextProbe = null;
        return timeout;
    }

    public void OnResult(ProbeOutcome outcome, TimeSpan sentAt, TimeSpan now, int run)
    {
        _missed = outcome is ProbeOutcome.Alive or ProbeOutcome.Busy ? 0 : _missed + 1;
        var next = sentAt + interval;
        NextProbe = next > now ? next : now;
    }

    public void OnTime(TimeSpan now) => throw new InvalidOperationException("A count of misses knows no time but that of a probe.");

    public void OnClosed(TimeSpan now) => throw new InvalidOperationException("A count of misses does not watch connections.");
}
