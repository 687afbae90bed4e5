namespace RingKeeper.Simulator.Detectors;

/// <summary>What one detector made of all traces of a kind, or of several kinds.</summary>
internal sealed class DetectionTally
{
    private readonly List<TimeSpan?> _detections = [];

    public int Traces => _detections.Count;

    public int Missed => _detections.Count(static detection => detection is null);

    public int FalseDeaths { get; private set; }

    public TimeSpan FalselyDead { get; private set; }

    public TimeSpan Healthy { get; private set; }

    public long Probes { get; private set; }

    public double FalseDeathsPerDay => FalseDeaths / Healthy.TotalDays;

    public double FalseDeathsPerMillionProbes => FalseDeaths * 1e6 / Probes;

    public void Add(ReplayResult result, ProbeTrace trace)
    {
        _detections.Add(result.Detection);
        FalseDeaths += result.FalseDeaths;
        FalselyDead += result.FalselyDead;
        Probes += result.Probes;
        Healthy += trace.FaultAt;
    }

    public void Add(DetectionTally other)
    {
        _detections.AddRange(other._detections);
        FalseDeaths += other.FalseDeaths;
        FalselyDead += other.FalselyDead;
        Probes += other.Probes;
        Healthy += other.Healthy;
    }

    /// <summary>The time within which this share of the losses was detected; null: fewer were.</summary>
    public TimeSpan? Detection(double share)
    {
        var sorted = _detections.OrderBy(static detection => detection ?? TimeSpan.MaxValue).ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
