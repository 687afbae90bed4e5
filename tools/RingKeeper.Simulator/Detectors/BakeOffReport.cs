namespace RingKeeper.Simulator.Detectors;

/// <summary>The outcome of a bake-off.</summary>
internal sealed record BakeOffReport(
    int Seed,
    int Traces,
    IReadOnlyList<Contender> Contenders,
    IReadOnlyList<TraceClass> Classes,
    IReadOnlyDictionary<(Contender Contender, TraceClass Class), DetectionTally> Tallies)
{
    public DetectionTally Of(Contender contender, TraceClass kind) => Tallies[(contender, kind)];

    public DetectionTally Of(string family, string setting, string kind) =>
        Of(Contenders.Single(contender => contender.Family == family && contender.Setting == setting), Classes.Single(one => one.Name == kind));

    /// <summary>The points of the curves: a detector's patience, what it gains and what it costs.</summary>
    public IReadOnlyList<CurvePoint> Curve() => [.. Contenders.Select(PointOf)];

    private CurvePoint PointOf(Contender contender)
    {
        var disturbed = new DetectionTally();
        foreach (var kind in Classes.Where(static kind => !kind.IsRecorded && kind.Fault == TraceFault.Hang))
        {
            disturbed.Add(Of(contender, kind));
        }

        return new CurvePoint(
            contender,
            disturbed.Detection(0.5),
            Of(contender, Classes.Single(static kind => !kind.IsRecorded && kind.Fault == TraceFault.Crash)).Detection(0.5),
            disturbed.FalseDeathsPerDay);
    }
}

/// <summary>What one setting of a detector comes to.</summary>
/// <param name="Contender">The detector and its setting.</param>
/// <param name="Hang">The median time to detect a hang, over all disturbances; null: most are never detected.</param>
/// <param name="Crash">The median time to detect a crash.</param>
/// <param name="FalseDeathsPerDay">False deaths a day, in a day made of equal parts of all disturbances.</param>
internal sealed record CurvePoint(Contender Contender, TimeSpan? Hang, TimeSpan? Crash, double FalseDeathsPerDay);
