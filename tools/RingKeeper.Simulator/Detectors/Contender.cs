namespace RingKeeper.Simulator.Detectors;

/// <summary>A detector with one setting of its patience.</summary>
/// <param name="Family">Which detector.</param>
/// <param name="Setting">The setting, in words.</param>
/// <param name="IsDefault">Whether it is one that is used without further thought, and so stands in the tables by kind of trace.</param>
/// <param name="Create">Creates it; it sends its first probe at the given time.</param>
internal sealed record Contender(string Family, string Setting, bool IsDefault, Func<TimeSpan, Random, IDetector> Create)
{
    public const string Go = "Go's rule";
    public const string Fixed = "fixed threshold";
    public const string Phi = "phi accrual";
    public const string RingKeeper = "RingKeeper";

    /// <summary>The setting of phi that Akka has.</summary>
    public static readonly TimeSpan AkkaPause = TimeSpan.FromSeconds(3);

    private const double PhiOfDeath = 8;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Threshold = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeastDeviation = TimeSpan.FromMilliseconds(100);
    private static readonly double[] Thresholds = [1, 1.5, 2, 3, 4, 6];

    /// <summary>All of them: each probes every second and differs in how long it is patient.</summary>
    public static IReadOnlyList<Contender> All { get; } =
    [
        .. Thresholds.Select(static seconds => new Contender(
            Go, $"threshold {seconds} s", seconds == Threshold.TotalSeconds, (start, _) => new GoDetector(Interval, TimeSpan.FromSeconds(seconds), start))),
        .. Enumerable.Range(1, 6).Select(static misses => new Contender(
            Fixed, $"{misses} x 1 s", Interval * misses == Threshold, (start, _) => new FixedDetector(Interval, Interval, misses, start))),
        .. new[] { 0, 0.5, 1, 2, 3, 4 }.Select(static pause => new Contender(
            Phi,
            $"pause {pause} s",
            pause == 0 || pause == AkkaPause.TotalSeconds,
            (start, _) => new PhiDetector(Interval, PhiOfDeath, TimeSpan.FromSeconds(pause), LeastDeviation, start))),
        .. Thresholds.Select(static seconds => new Contender(
            RingKeeper, $"threshold {seconds} s", seconds == Threshold.TotalSeconds, (start, random) => new RingKeeperDetector(Interval, TimeSpan.FromSeconds(seconds), start, random))),
    ];

    public string Name => $"{Family}, {Setting}";
}
