namespace RingKeeper.Simulator.Detectors;

/// <summary>Makes a trace out of disturbances, one laid over the other, and a loss at the end. Lengths are in seconds, round trips in milliseconds; medians, with the sigma of a lognormal distribution.</summary>
internal sealed class TraceMaker
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstResend = TimeSpan.FromMilliseconds(200);

    private readonly Random _random;
    private readonly TimeSpan _faultAt;
    private readonly TimeSpan[] _rtts;
    private readonly List<Pause> _checkerPauses = [];

    public TraceMaker(Random random, TimeSpan healthy)
    {
        _random = random;

        // The loss comes at any moment between two probes.
        _faultAt = healthy + TimeSpan.FromSeconds(5 * random.NextDouble());
        _rtts = new TimeSpan[(int)((_faultAt + Aftermath) / Step) + 1];
    }

    public TraceMaker RoundTrips(double median, double sigma)
    {
        for (var i = 0; i < _rtts.Length; i++)
        {
            _rtts[i] = Lognormal(TimeSpan.FromMilliseconds(median), sigma);
        }

        return this;
    }

    /// <summary>Some round trips are longer.</summary>
    public TraceMaker Outliers(double share, double meanMore)
    {
        for (var i = 0; i < _rtts.Length; i++)
        {
            _rtts[i] += _random.NextDouble() < share ? TimeSpan.FromMilliseconds(Exponential(meanMore)) : TimeSpan.Zero;
        }

        return this;
    }

    /// <summary>Now and then the server stands still and answers all at once after that.</summary>
    public TraceMaker Stalls(double every, double median, double sigma)
    {
        foreach (var at in Moments(every))
        {
            Hold(at, at + Lognormal(TimeSpan.FromMilliseconds(median), sigma));
        }

        return this;
    }

    /// <summary>The server forks regularly: a stall, and slow answers while it copies what it writes to.</summary>
    public TraceMaker Forks(double every, double median, double sigma, double slowFor)
    {
        for (var at = TimeSpan.FromSeconds(every * _random.NextDouble()); at < _faultAt; at += TimeSpan.FromSeconds(every))
        {
            var end = at + Lognormal(TimeSpan.FromMilliseconds(median), sigma);
            Change(end, end + TimeSpan.FromSeconds(slowFor), static (_, rtt) => rtt * 5);
            Hold(at, end);
        }

        return this;
    }

    /// <summary>Now and then packets are lost, and sent again after a time that doubles.</summary>
    public TraceMaker LossBursts(double every, double length, double share)
    {
        foreach (var at in Moments(every))
        {
            Change(at, at + TimeSpan.FromSeconds(Exponential(length)), (_, rtt) =>
            {
                var (resend, delay) = (FirstResend, TimeSpan.Zero);
                for (; _random.NextDouble() < share; resend *= 2)
                {
                    delay += resend;
                }

                return rtt + delay;
            });
        }

        return this;
    }

    /// <summary>Now and then the checker stands still.</summary>
    public TraceMaker CheckerPauses(double every, double median, double sigma)
    {
        var last = TimeSpan.Zero;
        foreach (var at in Moments(every).Where(at => at > last))
        {
            var pause = new Pause(at, Lognormal(TimeSpan.FromMilliseconds(median), sigma));
            _checkerPauses.Add(pause);
            last = pause.End;
        }

        return this;
    }

    public ProbeTrace Hang() => Build(static _ => null);

    public ProbeTrace Crash() => Build(static sample => sample with { Outcome = ProbeOutcome.Refused }) with { Closes = [_faultAt] };

    public ProbeTrace Restart(TimeSpan away) => Build(
        sample => sample.At < _faultAt + away ? sample with { Outcome = ProbeOutcome.Refused } : sample with { Run = 1 }) with { Closes = [_faultAt] };

    /// <summary>Answers that take twice as long with each second, and none after some.</summary>
    public ProbeTrace SlowDeath(double seconds) => Build(
        sample => sample.At > _faultAt + TimeSpan.FromSeconds(seconds) ? null : sample with { Rtt = TimeSpan.FromMilliseconds(2 * Math.Pow(2, (sample.At - _faultAt).TotalSeconds)) });

    // After the loss there is what the fault makes of a sample, or no answer at all.
    private ProbeTrace Build(Func<TraceSample, TraceSample?> after)
    {
        var samples = new List<TraceSample>(_rtts.Length + 1);
        for (var i = 0; i < _rtts.Length; i++)
        {
            var at = Step * i;
            var isFirstAfter = at >= _faultAt && at - Step < _faultAt;
            if (isFirstAfter)
            {
                samples.Add(Lost(new TraceSample(_faultAt, _rtts[i])));
            }

            samples.Add(at < _faultAt ? Alive(new TraceSample(at, _rtts[i])) : Lost(new TraceSample(at, _rtts[i])));
        }

        return new ProbeTrace(samples, _faultAt, _faultAt + Aftermath) { CheckerPauses = [.. _checkerPauses.Where(pause => pause.End < _faultAt)] };

        TraceSample Lost(TraceSample sample) => after(sample) ?? sample with { Rtt = null };

        // What was on its way when the server was lost is lost with it.
        TraceSample Alive(TraceSample sample) => sample.At + sample.Rtt < _faultAt ? sample : Lost(sample);
    }

    private IEnumerable<TimeSpan> Moments(double every)
    {
        for (var at = TimeSpan.FromSeconds(Exponential(every)); at < _faultAt; at += TimeSpan.FromSeconds(Exponential(every)))
        {
            yield return at;
        }
    }

    private void Hold(TimeSpan from, TimeSpan to) => Change(from, to, (at, rtt) => to - at + rtt);

    private void Change(TimeSpan from, TimeSpan to, Func<TimeSpan, TimeSpan, TimeSpan> change)
    {
        for (var i = (int)Math.Ceiling(from / Step); i < _rtts.Length && Step * i < to; i++)
        {
            _rtts[i] = change(Step * i, _rtts[i]);
        }
    }

    private TimeSpan Lognormal(TimeSpan median, double sigma) => median * Math.Exp(sigma * Normal());

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    private double Exponential(double mean) => -mean * Math.Log(1 - _random.NextDouble());
}
