using RingKeeper.Simulator.Detectors;

namespace RingKeeper.Tests.Detectors;

/// <summary>A bake-off small enough for every run of the tests, and words for what it says.</summary>
internal static class SmallBakeOff
{
    private static readonly Lazy<BakeOffReport> Shared = new(static () => BakeOff.Run(seed: 7, traces: 8, Contender.All, TraceFile.Carried()));

    public static BakeOffReport Report => Shared.Value;

    public static DetectionTally Go(string kind) => Report.Of(Contender.Go, "threshold 2 s", kind);

    public static DetectionTally Fixed(string kind) => Report.Of(Contender.Fixed, "2 x 1 s", kind);

    public static DetectionTally Phi(string kind) => Report.Of(Contender.Phi, "pause 0 s", kind);

    public static DetectionTally PhiOfAkka(string kind) => Report.Of(Contender.Phi, "pause 3 s", kind);

    public static DetectionTally RingKeeper(string kind) => Report.Of(Contender.RingKeeper, "threshold 2 s", kind);

    public static IEnumerable<DetectionTally> Others(string kind) => [Go(kind), Fixed(kind), Phi(kind), PhiOfAkka(kind)];

    public static IEnumerable<string> Kinds(params TraceFault[] faults) => Report.Classes.Where(kind => faults.Contains(kind.Fault)).Select(static kind => kind.Name);
}
