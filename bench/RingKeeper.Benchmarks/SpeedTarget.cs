namespace RingKeeper.Benchmarks;

/// <summary>A line of the speed table.</summary>
/// <param name="What">What is measured.</param>
/// <param name="Target">What is wanted, in words; empty where nothing is.</param>
/// <param name="Reached">What was measured, in words.</param>
/// <param name="Passes">Whether that is enough; null where nothing is wanted or the run cannot tell.</param>
internal sealed record SpeedTarget(string What, string Target, string Reached, bool? Passes)
{
    public const string Header = "what; target; median of the rounds (fastest..slowest); verdict";

    /// <summary>A time of an operation that may not allocate.</summary>
    public static SpeedTarget Of(string what, double most, Figure figure) =>
        new(what, $"<= {most:0} ns, 0 B", Text(figure), figure.Nanoseconds <= most && figure.Bytes == 0);

    /// <summary>A time that is only reported.</summary>
    public static SpeedTarget Of(string what, Figure figure) => new(what, "", Text(figure), null);

    /// <summary>A rate beside modulo's. Where the error reaches from below the target to above it, the run says neither yes nor no.</summary>
    public static SpeedTarget Of(GetRatio ratio)
    {
        var (mean, error) = ratio.Routed;
        return new(
            $"GET / modulo's: {ratio.Load}",
            $">= {GetBenchmark.Target:0.00}",
            $"{GetBenchmark.Text(ratio.Routed)} (again {GetBenchmark.Text(ratio.Again)})",
            mean >= GetBenchmark.Target ? true : mean + error < GetBenchmark.Target ? false : null);
    }

    public static string Text(Figure figure) => $"{figure.Nanoseconds:0.0} ns ({figure.Least:0.0}..{figure.Most:0.0}), {figure.Bytes} B";

    public override string ToString() => $"{What,-58} {Target,-18} {Reached,-34} {Verdict()}";

    private string Verdict() => Passes switch
    {
        true => "pass",
        false => "FALLS SHORT",
        null => Target.Length == 0 ? "" : "not resolved",
    };
}
