namespace RingKeeper.Simulator.Detectors;

/// <summary>
/// The phi accrual failure detector (Hayashibara et al., 2004) as Akka has it: dead when a silence is as unlikely as phi says, if the times between
/// answers are distributed normally, with a least deviation and a pause that is always tolerated. Probes are sent whatever became of those before.
/// </summary>
internal sealed class PhiDetector : IDetector
{
    private const int Window = 1000;

    private readonly TimeSpan _interval;
    private readonly TimeSpan _pause;
    private readonly TimeSpan _leastDeviation;
    private readonly double _deviations;
    private readonly Queue<double> _gaps = new();
    private double _sum;
    private double _squares;
    private TimeSpan? _last;

    public PhiDetector(TimeSpan interval, double phi, TimeSpan pause, TimeSpan leastDeviation, TimeSpan start)
    {
        _interval = interval;
        _pause = pause;
        _leastDeviation = leastDeviation;
        _deviations = DeviationsOf(phi);
        NextProbe = start;

        // A first guess, as wide as a quarter of the interval.
        Add(interval.TotalSeconds * 0.75);
        Add(interval.TotalSeconds * 1.25);
    }

    public TimeSpan? NextProbe { get; private set; }

    public TimeSpan? Due { get; private set; }

    public bool IsDead { get; private set; }

    public bool NoticedRestart => false;

    public bool WatchesConnection => false;

    /// <summary>How many deviations above the mean a silence is when phi is this, by Akka's logistic approximation of the normal distribution, which for phi 8 gives 5.2 where the distribution itself has 5.6.</summary>
    public static double DeviationsOf(double phi)
    {
        var (low, high) = (0.0, 40.0);
        while (high - low > 1e-9)
        {
            var y = (low + high) / 2;
            var e = Math.Exp(-y * (1.5976 + (0.070566 * y * y)));
            (low, high) = -Math.Log10(e / (1 + e)) < phi ? (y, high) : (low, y);
        }

        return low;
    }

    public TimeSpan? OnProbe(TimeSpan now)
    {
        NextProbe = now + _interval;
        return null;
    }

    public void OnResult(ProbeOutcome outcome, TimeSpan sentAt, TimeSpan now, int run)
    {
        if (outcome is not (ProbeOutcome.Alive or ProbeOutcome.Busy))
        {
            return;
        }

        // A silence that was taken for a death teaches nothing about the living.
        if (_last is { } last && !IsDead)
        {
            Add((now - last).TotalSeconds);
        }

        _last = now;
        IsDead = false;
        var mean = _sum / _gaps.Count;
        var deviation = Math.Sqrt(Math.Max(0, (_squares / _gaps.Count) - (mean * mean)));
        Due = now + _pause + TimeSpan.FromSeconds(mean + (_deviations * Math.Max(deviation, _leastDeviation.TotalSeconds)));
    }

    public void OnTime(TimeSpan now)
    {
        IsDead = true;
        Due = null;
    }

    public void OnClosed(TimeSpan now) => throw new InvalidOperationException("Phi does not watch connections.");

    private void Add(double gap)
    {
        if (_gaps.Count == Window)
        {
            var oldest = _gaps.Dequeue();
            _sum -= oldest;
            _squares -= oldest * oldest;
        }

        _gaps.Enqueue(gap);
        _sum += gap;
        _squares += gap * gap;
    }
}
