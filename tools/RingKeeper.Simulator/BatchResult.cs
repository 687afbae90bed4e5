using System.Globalization;
using RingKeeper.Simulator.Caches;

namespace RingKeeper.Simulator;

/// <summary>What came of many runs.</summary>
internal sealed class BatchResult
{
    private readonly long[] _judged = new long[Enum.GetValues<Law>().Length];

    public int Runs { get; private set; }

    public FaultCounter Faults { get; } = new();

    public long Commits { get; private set; }

    public long Decisions { get; private set; }

    public long Steps { get; private set; }

    public TimeSpan VirtualTime { get; private set; }

    public CacheTally Cache { get; } = new();

    public TimeSpan LongestToTruth { get; private set; }

    public TimeSpan LongestToDeath { get; private set; }

    /// <summary>The first run that broke a law, or null.</summary>
    public RunResult? Broken { get; private set; }

    public long Judged(Law law) => _judged[(int)law];

    public void Add(RunResult run)
    {
        Runs++;
        Faults.Add(run.Faults);
        Commits += run.Commits;
        Decisions += run.Decisions;
        Steps += run.Steps;
        if (run.Cache is { } cache)
        {
            Cache.Add(cache);
        }

        VirtualTime += run.VirtualTime;
        LongestToTruth = Longer(LongestToTruth, run.TimeToTruth);
        LongestToDeath = Longer(LongestToDeath, run.TimeToDeath);
        for (var i = 0; i < _judged.Length; i++)
        {
            _judged[i] += run.Judged[i];
        }

        Broken ??= run.Violations.Count > 0 ? run : null;
    }

    /// <summary>Tells it in lines.</summary>
    public IReadOnlyList<string> Describe()
    {
        List<string> lines =
        [
            Text($"{Runs} runs, {Faults.Total} faults ({Faults.OfMessages} of single messages), {VirtualTime.TotalHours:0.0} h of virtual time, {Steps} events, {Commits} commits, {Decisions} decisions"),
            Text($"at most {LongestToTruth.TotalSeconds:0.0} s from the last fault to the truth, {LongestToDeath.TotalSeconds:0.000} s from a crash in the quiet to the decision"),
        ];
        lines.AddRange(Enum.GetValues<FaultKind>().Where(k => Faults[k] > 0).Select(k => Text($"  {k,-18} {Faults[k],9}")));
        if (Cache.Reads > 0)
        {
            lines.AddRange(Cache.Describe());
        }

        lines.Add("laws, and how often each was judged:");
        lines.AddRange(Enum.GetValues<Law>().Select(l => Text($"  {l,-20} {_judged[(int)l],9}")));
        if (Broken is { } broken)
        {
            lines.Add(Text($"seed {broken.Seed} ({broken.Shape}) broke a law:"));
            lines.AddRange(broken.Violations.Select(static v => $"  {v}"));
        }

        return lines;
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan? other) => other > one ? other.Value : one;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
