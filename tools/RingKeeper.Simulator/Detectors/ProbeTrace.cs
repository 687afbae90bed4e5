namespace RingKeeper.Simulator.Detectors;

/// <summary>How a server and the way to it behaved for a while, sampled so densely that any detector's probes can be answered from it, and the truth about it.</summary>
/// <param name="Samples">What probes met, in order of time.</param>
/// <param name="FaultAt">When the server was lost. Whoever calls it dead earlier is wrong, whoever does not call it dead later is blind.</param>
/// <param name="End">The end of the trace.</param>
internal sealed record ProbeTrace(IReadOnlyList<TraceSample> Samples, TimeSpan FaultAt, TimeSpan End)
{
    /// <summary>When open connections were closed by the server's side.</summary>
    public IReadOnlyList<TimeSpan> Closes { get; init; } = [];

    /// <summary>When the checker itself stood still.</summary>
    public IReadOnlyList<Pause> CheckerPauses { get; init; } = [];

    /// <summary>Finds what a probe meets.</summary>
    /// <returns>What comes, and when: null for never.</returns>
    public (TimeSpan? At, TraceSample Sample) Answer(TimeSpan sentAt)
    {
        var last = LastBefore(sentAt);
        if (last + 1 < Samples.Count && Closes.Any(close => close > Samples[last].At && close <= sentAt))
        {
            // What was on the connection that closed says nothing about a new one.
            last++;
        }

        var sample = Samples[last];
        if (sample.Rtt is not { } rtt)
        {
            return (null, sample);
        }

        // A probe sent while the answer to an earlier one was held back comes back with that one: servers and connections answer in order.
        var earlier = sample.At + rtt;
        return (sample.At <= sentAt && earlier > sentAt ? earlier : sentAt + rtt, sample);
    }

    /// <summary>When a checker gets to something that is due: at once, or after its own pause.</summary>
    public TimeSpan Attended(TimeSpan at)
    {
        foreach (var pause in CheckerPauses)
        {
            if (at < pause.At)
            {
                break;
            }

            if (at < pause.End)
            {
                return pause.End;
            }
        }

        return at;
    }

    private int LastBefore(TimeSpan at)
    {
        var (low, high) = (0, Samples.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = Samples[middle].At <= at ? (middle, high) : (low, middle - 1);
        }

        return low;
    }
}

/// <summary>A time of standing still.</summary>
/// <param name="At">When it began.</param>
/// <param name="Length">How long it lasted.</param>
internal readonly record struct Pause(TimeSpan At, TimeSpan Length)
{
    public TimeSpan End => At + Length;
}
