namespace RingKeeper.Simulator.Detectors;

/// <summary>Lets every detector look at the same traces: many of each generated kind, and the recordings from many moments on.</summary>
internal static class BakeOff
{
    private const int StartsPerRecording = 20;

    /// <summary>Runs it; the same seed gives the same report.</summary>
    /// <param name="seed">The seed of all traces and of every detector's own chance.</param>
    /// <param name="traces">How many traces of each generated kind.</param>
    /// <param name="contenders">Who takes part.</param>
    /// <param name="recordings">The recordings.</param>
    public static BakeOffReport Run(int seed, int traces, IReadOnlyList<Contender> contenders, IReadOnlyList<TraceFile> recordings)
    {
        var recorded = recordings.Select(static file => new TraceClass(file.Name, file.Story, file.Fault, _ => file.Trace) { IsRecorded = true });
        TraceClass[] classes = [.. GeneratedTraces.All, .. recorded];
        var tallies = new Dictionary<(Contender, TraceClass), DetectionTally>();
        foreach (var (i, kind) in classes.Index())
        {
            foreach (var contender in contenders)
            {
                tallies.Add((contender, kind), new DetectionTally());
            }

            for (var n = 0; n < (kind.IsRecorded ? StartsPerRecording : traces); n++)
            {
                // Not HashCode: that differs from process to process.
                var chance = (seed * 1_000_003) + (i * 10_007) + n;
                var trace = kind.Make(new Random(chance));
                foreach (var contender in contenders)
                {
                    var random = new Random(~chance);
                    var detector = contender.Create(TimeSpan.FromSeconds(random.NextDouble()), random);
                    tallies[(contender, kind)].Add(Replay.Run(trace, detector), trace);
                }
            }
        }

        return new BakeOffReport(seed, traces, contenders, classes, tallies);
    }
}
