using System.Diagnostics;
using System.Globalization;
using RingKeeper.ZooKeeper;

namespace RingKeeper.IntegrationTests.Proof;

/// <content>What the run measured, for people.</content>
public sealed partial class ProofRunTests
{
    private void Report((RunHistory History, RunJudge Judge, int Stretches, int Changes) run, List<string> setApart)
    {
        var operations = run.History.Operations;
        var longest = operations.Where(static o => o.Ending != Ending.Unanswered).Select(static o => Stopwatch.GetElapsedTime(o.Begun, o.Ended)).DefaultIfEmpty().Max();
        _lines.Add(Text($"fault run: {_clock.Elapsed.TotalSeconds:0} s, {_faults.Count} faults; {operations.Count} operations: {string.Join(", ", operations.GroupBy(static o => o.Ending).OrderBy(static g => g.Key).Select(static g => $"{g.Count()} {g.Key}"))}; the longest was answered after {longest.TotalSeconds:0.0} s"));
        _lines.Add(Text($"fault run: {_clients.Sum(static c => c.Suspensions)} connections and {_clients.Sum(static c => c.SessionsLost)} sessions lost; {_watchers.Sum(static w => w.Events.Count)} events of recursive watches, {_watchers.Sum(static w => w.Events.Count(static e => e.Type == WatchedEventType.Gap))} gaps; {run.Changes} changes compared in {run.Stretches} stretches between markers; {_watchers.Sum(static w => w.OneShots)} one-shot watches"));
        _lines.Add(Text($"fault run: {run.Judge.StaleSyncs.Count} reads behind a sync, while a leader was cut off or frozen, lacked a write that was acknowledged before (ZOOKEEPER-1675)"));
        foreach (var (what, contenders) in new[] { ("lock", _locks), ("lead", _leads) })
        {
            _lines.Add(Text($"fault run: the {what} was held {contenders.Sum(static c => c.Holdings.Count)} times and lost {contenders.Sum(static c => c.Lost)} times; {contenders.Sum(static c => c.Writes.Count)} fenced writes, {contenders.Sum(static c => c.Fenced)} refused"));
        }

        foreach (var kind in _faults.GroupBy(static f => f.Fault.Contains(',', StringComparison.Ordinal) ? "one of servers and one of connections at once" : f.Fault).OrderBy(static g => g.Key, StringComparer.Ordinal))
        {
            _lines.Add(Text($"fault run: {kind.Count(),3} x {kind.Key}: no client without a write for more than {kind.Max(static f => f.Silence).TotalMilliseconds:0} ms, all write {kind.Max(static f => f.Recovery).TotalMilliseconds:0} ms after the cure"));
        }

        _lines.Add(Text($"fault run: {_violations.Count} violations{(_differing.Count == 0 ? "" : $"; {setApart.Count} set apart, of {_differing.Count} znodes of which the servers themselves keep different states (ZOOKEEPER-4712)")}"));
        _lines.AddRange(_violations.Take(10).Select(static violation => $"fault run: {violation}"));
        _lines.AddRange(setApart.Take(10).Select(static violation => $"fault run: set apart: {violation}"));
        if (_violations.Count > 0 || _differing.Count > 0)
        {
            _lines.AddRange(_log.Select(static fault => $"fault run: {fault}"));
        }

        RunReport.Write(_lines);
    }

    private static string Text(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
