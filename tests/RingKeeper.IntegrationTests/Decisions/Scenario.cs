using System.Globalization;
using RingKeeper.IntegrationTests.Coordination;
using Xunit;

namespace RingKeeper.IntegrationTests.Decisions;

/// <summary>
/// One fault and its cure: times both, and holds the history of the status to exactly the flips that were due. What was broken and not
/// cured, since an assertion failed, is cured at the end, so that the scenarios after it are judged by themselves.
/// </summary>
internal sealed class Scenario(DecisionScene scene, string name) : IAsyncDisposable
{
    private readonly List<Func<Task>> _cures = [];
    private readonly List<string> _parts = [];
    private readonly List<StatusEvent> _expected = [];
    private readonly HashSet<string> _restarted = [];
    private readonly int _seenBefore = scene.History.Count;
    private readonly long _stampBefore = scene.History.LargestStamp;

    /// <summary>Does something that the end undoes, unless it is undone before.</summary>
    /// <returns>What undoes it.</returns>
    public async Task<Func<Task>> BreakAsync(Func<Task> act, Func<Task> cure)
    {
        var done = false;
        async Task CureAsync()
        {
            if (!done)
            {
                done = true;
                await cure();
            }
        }

        _cures.Add(CureAsync);
        await act();
        return CureAsync;
    }

    /// <summary>Takes a shard away; returns once it is decided dead and its keys are served elsewhere.</summary>
    /// <returns>How long the decision took, from before the deed.</returns>
    public async Task<TimeSpan> LoseAsync(string shard, Func<Task> act)
    {
        var addr = scene.Stack.Shards[shard].Addr;
        return await DecideAsync(shard, alive: false, "its keys served elsewhere", act, scene.Workload.WhenWrittenAsync((register, servedBy, view) =>
            servedBy.Addr != addr && view.Ring.Shards[view.Ring.GetOwner(register.KeyBytes)].Addr == addr));
    }

    /// <summary>Gives a shard back; returns once it is decided alive and serves its keys.</summary>
    /// <returns>How long the decision took, from before the deed.</returns>
    public async Task<TimeSpan> RegainAsync(string shard, Func<Task> act, bool restarts = false)
    {
        var addr = scene.Stack.Shards[shard].Addr;
        if (restarts)
        {
            _restarted.Add(addr);
        }

        // A write that hung with the shard was sent before its death was decided, and is done when it goes on.
        var death = scene.History.LargestStamp;
        return await DecideAsync(shard, alive: true, "it serves them again", act, scene.Workload.WhenWrittenAsync((_, servedBy, view) =>
            servedBy.Addr == addr && Views.Of(view, shard) is { Alive: true } status && status.Since > death));
    }

    /// <summary>Adds to the report.</summary>
    public void Note(FormattableString what) => _parts.Add(what.ToString(CultureInfo.InvariantCulture));

    /// <summary>Waits until all is well, then judges the history and what was read, and writes one line.</summary>
    public async Task EndAsync()
    {
        await scene.AllWellAsync();
        await scene.AssertNothingStaleAsync();
        var flips = await AssertFlipsAsync();
        await AssertRecordedAsync();
        RunReport.Write([Text($"decisions: {name}: {string.Join("; ", _parts)}; {flips} flips, as due")]);
    }

    /// <summary>Holds the history so far to the flips that were due, in their order. A shard that restarted may get a newer stamp besides.</summary>
    public async Task<int> AssertFlipsAsync()
    {
        await scene.History.CatchUpAsync();
        var events = scene.History.EventsAfter(_seenBefore);
        Assert.Equal(_expected, events.Where(e => e.IsFlip));
        Assert.DoesNotContain(events, e => !e.IsFlip && !_restarted.Contains(e.Addr));
        return _expected.Count;
    }

    // The record of decisions, which was written with each, tells the same story, and what it rests on.
    private async Task AssertRecordedAsync()
    {
        var decisions = await scene.Stack.Manager.GetDecisionsAsync(scene.Stack.Name, Cancel.Soon);
        var changes = decisions.TakeWhile(d => d.Stamp > _stampBefore).Reverse().SelectMany(d => d.Changes).ToList();
        Assert.Equal(_expected, changes.Where(c => c.Was != c.Alive).Select(c => new StatusEvent(c.Addr, c.Alive, IsFlip: true)));
        Assert.All(changes, c => Assert.True((c.Alive ? c.Count.Alive : c.Count.Dead) * 2 > c.Count.Denominator, $"{c} rests on no majority."));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var cure in Enumerable.Reverse(_cures))
        {
            await cure();
        }
    }

    private async Task<TimeSpan> DecideAsync(string shard, bool alive, string effect, Func<Task> act, Task served)
    {
        var addr = scene.Stack.Shards[shard].Addr;
        _expected.Add(new StatusEvent(addr, alive, IsFlip: true));
        var decided = scene.History.WhenAsync(state => state.IsAlive(addr) == alive);
        var start = scene.History.Now;
        var answered = TimeAsync(served);
        await act();
        try
        {
            var took = (await decided.WaitAsync(Cancel.Soon)).At - start;
            Note($"{shard} {(alive ? "alive" : "dead")} after {took.TotalMilliseconds:0} ms, {effect} after {(await answered - start).TotalMilliseconds:0} ms");
            return took;
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"{shard} was not decided {(alive ? "alive" : "dead")}, or did not serve so, in time: {name}.", e);
        }
    }

    private async Task<TimeSpan> TimeAsync(Task happens)
    {
        await happens.WaitAsync(Cancel.Soon);
        return scene.History.Now;
    }

    private static string Text(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
