using System.Diagnostics;
using System.Globalization;
using RingKeeper.Testing;

namespace RingKeeper.IntegrationTests.Faults;

/// <summary>Notes each fault and each cure, and how long it took until all was well again.</summary>
internal sealed class FaultLog
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<(string What, TimeSpan Took)> _entries = [];

    public int Faults { get; private set; }

    /// <summary>Does something and waits for its effect; the time counts from before the deed.</summary>
    public async Task TimeAsync(string what, bool isFault, Func<Task> act, Task effect)
    {
        Faults += isFault ? 1 : 0;
        var start = _clock.Elapsed;
        await act();
        try
        {
            await effect.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"Not well again within 30 s after: {what}. Before it: {string.Join("; ", _entries.TakeLast(4).Select(entry => entry.What))}.", e);
        }

        _entries.Add((what, _clock.Elapsed - start));
    }

    public IReadOnlyList<string> Describe(WorkloadCounts counts) =>
    [
        Text($"fault run: {_clock.Elapsed.TotalSeconds:0.0} s, {Faults} faults; {counts.Operations} operations: {counts.Writes} writes, {counts.WritesRefused} delayed writes refused, {counts.Fresh} fresh reads, {counts.Misses} misses, {counts.Outdated} outdated copies taken for misses, {counts.Lagging} under a view about to change"),
        Text($"fault run: {counts.Stale} stale, {counts.Wrong} wrong; {counts.ErrorCount} errors ({string.Join(", ", counts.Errors.Select(e => $"{e.Value} {e.Key}"))})"),
        .. _entries.Select(entry => Text($"fault run: {entry.Took.TotalMilliseconds,6:0} ms  {entry.What}")),
    ];

    private static string Text(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
