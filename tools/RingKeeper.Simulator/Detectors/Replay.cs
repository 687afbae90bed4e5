namespace RingKeeper.Simulator.Detectors;

/// <summary>What a detector made of a trace.</summary>
/// <param name="Detection">From the loss of the server until it was called dead, or found to run anew; null: never.</param>
/// <param name="FalseDeaths">How often it was called dead before.</param>
/// <param name="FalselyDead">How long it was held for dead before.</param>
/// <param name="Probes">How many probes were sent before.</param>
internal sealed record ReplayResult(TimeSpan? Detection, int FalseDeaths, TimeSpan FalselyDead, int Probes);

/// <summary>Runs a detector over a trace in virtual time.</summary>
internal sealed class Replay(ProbeTrace trace, IDetector detector)
{
    private readonly List<PendingProbe> _pending = [];
    private int _closes;
    private bool _stale;
    private bool _wasDead;
    private TimeSpan _deadSince;
    private TimeSpan _falselyDead;
    private int _falseDeaths;
    private int _probes;

    private enum Event
    {
        // In the order in which a checker that wakes from a pause takes them: what was due is before what has come, the worse order for every detector.
        Time,
        Timeout,
        Answer,
        Close,
        Probe,
    }

    public static ReplayResult Run(ProbeTrace trace, IDetector detector) => new Replay(trace, detector).Run();

    private ReplayResult Run()
    {
        TimeSpan? detection = null;
        while (true)
        {
            var (at, what, probe) = Next();
            if (at > trace.FaultAt && detection is null && detector.IsDead)
            {
                // Called dead before it was: there is nothing left to find out.
                detection = TimeSpan.Zero;
            }

            if (at >= trace.End || detection is not null)
            {
                break;
            }

            Take(at, what, probe);
            if (at >= trace.FaultAt)
            {
                detection = detector.IsDead || detector.NoticedRestart ? at - trace.FaultAt : null;
            }
            else
            {
                Note(at);
            }
        }

        if (_wasDead)
        {
            _falselyDead += trace.FaultAt - _deadSince;
        }

        return new ReplayResult(detection, _falseDeaths, _falselyDead, _probes);
    }

    private void Note(TimeSpan at)
    {
        if (detector.IsDead && !_wasDead)
        {
            _falseDeaths++;
            _deadSince = at;
        }
        else if (!detector.IsDead && _wasDead)
        {
            _falselyDead += at - _deadSince;
        }

        _wasDead = detector.IsDead;
    }

    private (TimeSpan At, Event What, PendingProbe? Probe) Next()
    {
        var best = (At: trace.End, What: Event.Probe, Probe: (PendingProbe?)null);
        Offer(detector.Due, Event.Time, null);
        foreach (var probe in _pending)
        {
            Offer(probe.TimeoutAt, Event.Timeout, probe);
            Offer(probe.AnswerAt, Event.Answer, probe);
        }

        Offer(_closes < trace.Closes.Count ? trace.Closes[_closes] : null, Event.Close, null);
        Offer(detector.NextProbe, Event.Probe, null);
        return best;

        void Offer(TimeSpan? due, Event what, PendingProbe? probe)
        {
            if (due is { } time && trace.Attended(time) is var at && (at < best.At || (at == best.At && what < best.What)))
            {
                best = (at, what, probe);
            }
        }
    }

    private void Take(TimeSpan at, Event what, PendingProbe? probe)
    {
        switch (what)
        {
            case Event.Time:
                detector.OnTime(at);
                break;
            case Event.Timeout:
                _pending.Remove(probe!);
                detector.OnResult(ProbeOutcome.TimedOut, probe!.SentAt, at, probe.Sample.Run);
                break;
            case Event.Answer:
                _pending.Remove(probe!);
                detector.OnResult(probe!.Sample.Outcome, probe.SentAt, at, probe.Sample.Run);
                break;
            case Event.Close:
                Close(at);
                break;
            case Event.Probe:
                Send(at);
                break;
        }
    }

    private void Send(TimeSpan at)
    {
        _probes += at < trace.FaultAt ? 1 : 0;
        var timeout = detector.OnProbe(at);
        var (answer, sample) = trace.Answer(at);
        if (_stale)
        {
            // Sent on a connection that the other side has closed: it fails at once, and the next one connects anew.
            _stale = false;
            (answer, sample) = (at, sample with { Outcome = ProbeOutcome.Closed });
        }

        _pending.Add(new PendingProbe(at, answer, sample, at + timeout));
    }

    private void Close(TimeSpan at)
    {
        _closes++;
        if (_pending.Count == 0)
        {
            if (detector.WatchesConnection)
            {
                detector.OnClosed(at);
            }

            _stale = !detector.WatchesConnection;
            return;
        }

        foreach (var probe in _pending.ToArray())
        {
            _pending.Remove(probe);
            detector.OnResult(ProbeOutcome.Closed, probe.SentAt, at, probe.Sample.Run);
        }
    }

    private sealed record PendingProbe(TimeSpan SentAt, TimeSpan? AnswerAt, TraceSample Sample, TimeSpan? TimeoutAt);
}
