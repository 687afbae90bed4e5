using System.Globalization;

namespace RingKeeper.Simulator;

/// <summary>
/// The end of a run: nothing goes wrong any more, and what must follow has to follow within the bounds stated here. Checkers of the Go package
/// are stopped first: while one of them leads, decisions are only as prompt and as strict as theirs.
/// </summary>
internal sealed class QuietEnding(Simulation simulation, Random random)
{
    private readonly SimulatedTiming _timing = simulation.Timing;
    private (int, int) _seen;

    /// <summary>How long after the last fault all was as it should be.</summary>
    public TimeSpan? TimeToTruth { get; private set; }

    /// <summary>How long after a crash in the quiet the shard was dead.</summary>
    public TimeSpan? TimeToDeath { get; private set; }

    /// <summary>
    /// What the truth may take after any faults: sessions expire and are opened again (2 timeouts), nodes taken are registered anew (5 s), flapping
    /// shards are damped (10 thresholds' worth of answers where that is Go's way), many deaths are held, and the longest time between two counts.
    /// </summary>
    public TimeSpan TruthBound =>
        (2 * _timing.SessionTimeout) + TimeSpan.FromSeconds(5) + simulation.LongestDamping + _timing.BrakeHold + _timing.RecountInterval + (2 * _timing.Threshold);

    /// <summary>What a crash may take in the quiet: the next probe is refused, and another a little later; then votes and decision.</summary>
    public TimeSpan DeathBound => (1.1 * _timing.Interval) + TimeSpan.FromMilliseconds(150);

    private Agenda Agenda => simulation.Agenda;

    public void Run(Func<bool> hasBroken)
    {
        foreach (var voter in simulation.GoVoters.Where(static v => v.IsRunning))
        {
            voter.Stop(gracefully: true);
        }

        if (simulation.Profile.OnlyFew)
        {
            simulation.Laws.Judge(Law.SomeBlindKillNothing, simulation.Laws.Deaths == 0, () => Text($"{simulation.Laws.Deaths} deaths though less than half of the checkers were ill at any time, and no shard"));
        }

        simulation.Manager.Ensure();
        var allDead = random.Next(8) == 0;
        foreach (var shard in simulation.ShardList.Select(s => simulation.Shards[s.Addr]))
        {
            shard.Set(allDead || random.Next(4) == 0 ? ShardState.Down : ShardState.Well);
        }

        var start = Agenda.Elapsed;
        Agenda.RunUntil((start + TruthBound).Ticks, () => hasBroken() || IsTrue());
        if (hasBroken())
        {
            return;
        }

        TimeToTruth = Agenda.Elapsed - start;
        simulation.Laws.Judge(Law.TruthInTime, IsStatusTrue(), () => Text($"after {TruthBound.TotalSeconds:0.0} s without a fault the status is {Status()}, the shards are {Shards()}"));
        simulation.Laws.Judge(Law.OneNodeEach, IsEveryoneRegistered(), () => Text($"after {TruthBound.TotalSeconds:0.0} s without a fault there are the nodes {string.Join(", ", simulation.Laws.Ledger.Votes.Select(static v => v.Path[^3..] + " of " + v.Checker))}"));
        simulation.Laws.Judge(Law.ViewsConverge, AreViewsNew(), () => Text($"after {TruthBound.TotalSeconds:0.0} s without a fault the views are {string.Join(", ", simulation.Clients.Select(static c => c.View?.StatusVersion))}"));
        Rest(hasBroken);
    }

    // A shard that crashes in the quiet, once sessions have settled and no deaths are recent.
    private void Rest(Func<bool> hasBroken)
    {
        Agenda.RunUntil((Agenda.Elapsed + (2 * _timing.SessionTimeout) + TimeSpan.FromSeconds(5)).Ticks, hasBroken);
        simulation.Laws.IsQuiet = true;
        Agenda.RunUntil((Agenda.Elapsed + TimeSpan.FromSeconds(6 + random.NextDouble())).Ticks, hasBroken);
        var living = simulation.Laws.Ledger.Shards.Where(s => !s.Drained && simulation.Shards[s.Addr].State == ShardState.Well && simulation.Laws.Ledger.Status.GetValueOrDefault(s.Addr)?.Alive == true).ToList();
        if (hasBroken() || living.Count == 0 || simulation.Laws.Ledger.Shards.Length < 2)
        {
            return;
        }

        var start = Agenda.Elapsed;
        var crashed = living[random.Next(living.Count)].Addr;

        // Others may still owe the damping of their flaps.
        bool IsDead() => simulation.Laws.Ledger.Status.GetValueOrDefault(crashed)?.Alive == false;
        simulation.Shards[crashed].Set(ShardState.Down);
        Agenda.RunUntil((start + DeathBound).Ticks, () => hasBroken() || (IsDead() && AreViewsNew()));
        TimeToDeath = Agenda.Elapsed - start;
        simulation.Laws.Judge(Law.TruthInTime, IsDead(), () => Text($"{DeathBound.TotalSeconds:0.0} s after a crash in the quiet the status is {Status()}, the shards are {Shards()}"));
        simulation.Laws.Judge(Law.ViewsConverge, AreViewsNew(), () => Text($"{DeathBound.TotalSeconds:0.0} s after a crash in the quiet the views are not the newest"));
    }

    // Looked at again only when something was written or a view changed.
    private bool IsTrue()
    {
        var seen = (simulation.Ensemble.Log.Count, simulation.Clients.Sum(static c => c.Refreshes));
        if (_seen == seen)
        {
            return false;
        }

        _seen = seen;
        return IsStatusTrue() && AreViewsNew() && IsEveryoneRegistered();
    }

    private bool IsStatusTrue() => simulation.Laws.Ledger is { ClusterStamp: > 0 } ledger
        && ledger.Shards.All(s => ledger.Status.GetValueOrDefault(s.Addr)?.Alive == (simulation.Shards[s.Addr].State == ShardState.Well && !s.Drained));

    private bool AreViewsNew()
    {
        var status = simulation.Ensemble.Tree.Find(ZKPaths.Status(Simulation.Cluster))?.Mzxid ?? 0;
        var cluster = simulation.Ensemble.Tree.Find(ZKPaths.Cluster(Simulation.Cluster))?.Mzxid ?? 0;
        return simulation.Clients.All(c => c.View?.StatusVersion == status && c.View.TopologyVersion == cluster);
    }

    private bool IsEveryoneRegistered() => simulation.Laws.Ledger.Votes.Select(static v => v.Owner).Order()
        .SequenceEqual(simulation.Checkers.OfType<SimulatedChecker>().Where(static c => c.IsRunning).Select(static c => c.Store.Session.SessionId).Order());

    private string Status() => string.Join(", ", simulation.Laws.Ledger.Status.Values.OrderBy(static s => s.Addr, StringComparer.Ordinal).Select(static s => $"{s.Addr} {(s.Alive ? "alive" : "dead")}"));

    private string Shards() => string.Join(", ", simulation.Laws.Ledger.Shards.Select(s => $"{s.Addr} {simulation.Shards[s.Addr].State}{(s.Drained ? " drained" : "")}"));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
