using System.Globalization;

namespace RingKeeper.Simulator;

/// <summary>What delays the deaths of shards that serve: many at once wait and are told before, and whoever is new in its place waits with any.</summary>
internal sealed class DeathLaws(Simulation simulation, LawBook book)
{
    private static readonly TimeSpan LeastOffice = TimeSpan.FromSeconds(2);

    private readonly List<(long At, string Addr)> _deaths = [];
    private readonly Dictionary<string, long> _deadMajoritySince = new(StringComparer.Ordinal);

    // By node, since when it has the place in line that it has.
    private Dictionary<string, (long Created, int Place, long Since)> _places = new(StringComparer.Ordinal);

    private Ledger Ledger => book.Ledger;

    /// <summary>How many shards that served died on the word of probes.</summary>
    public long Count { get; private set; }

    /// <summary>For how long one that is new in its place publishes no death.</summary>
    public static TimeSpan OfficeHold(SimulatedTiming timing) => timing.Threshold > LeastOffice ? timing.Threshold : LeastOffice;

    /// <summary>Judges a decision of ours, before it is taken in.</summary>
    public void Judge(Commit commit, SimulatedChecker writer, List<ShardStatus> flips, List<StandingVote> votes)
    {
        // The first verdict on a shard takes nothing from anybody.
        var dying = flips.Where(f => !f.Alive && !book.IsDrained(f.Addr) && Ledger.Status.ContainsKey(f.Addr)).ToList();
        if (dying.Count == 0)
        {
            return;
        }

        JudgeOffice(commit, dying);
        JudgeBrake(commit, writer, dying, votes);
        Count += dying.Count;
        _deaths.AddRange(dying.Select(f => (simulation.Agenda.Now, f.Addr)));
    }

    /// <summary>Notes what a commit did to votes, after it is taken in.</summary>
    public void NoteVotes()
    {
        var places = new Dictionary<string, (long Created, int Place, long Since)>(StringComparer.Ordinal);
        foreach (var (place, vote) in Ledger.Votes.Index())
        {
            var had = _places.GetValueOrDefault(vote.Path);
            places[vote.Path] = had.Created == vote.Czxid && had.Place == place ? had : (vote.Czxid, place, simulation.Agenda.Now);
        }

        _places = places;
        NoteMajorities();
    }

    // Who counts first learns its place after it has it.
    private void JudgeOffice(Commit commit, List<ShardStatus> dying)
    {
        if (Ledger.Options.ExpectedCheckers is not null)
        {
            return;
        }

        var least = OfficeHold(simulation.Timing);
        var since = Ledger.Votes.Where(v => v.Owner == commit.Session).Select(v => _places[v.Path].Since).DefaultIfEmpty(simulation.Agenda.Now).Min();
        book.Judge(Law.OfficeHolds, simulation.Agenda.Now - since >= least.Ticks,
            () => Text($"{dying[0].Addr} died by session {commit.Session:x}, which had its place for {TimeSpan.FromTicks(simulation.Agenda.Now - since).TotalSeconds:0.000} s"));
    }

    private void JudgeBrake(Commit commit, SimulatedChecker writer, List<ShardStatus> dying, List<StandingVote> votes)
    {
        _deaths.RemoveAll(d => d.At < simulation.Agenda.Now - TimeSpan.FromSeconds(9.5).Ticks);
        var serving = Ledger.Shards.Where(static s => !s.Drained).Select(static s => s.Addr).ToHashSet(StringComparer.Ordinal);
        var recent = _deaths.Select(static d => d.Addr).Where(a => Ledger.Status.GetValueOrDefault(a)?.Alive == false)
            .Concat(dying.Select(static f => f.Addr)).Where(serving.Contains).Distinct(StringComparer.Ordinal).Count();
        if (recent < 2 || recent * 100 <= (Ledger.Options.MaxDeadPercent ?? 50) * serving.Count)
        {
            return;
        }

        // A step that was held up for longer than a refresh decides nothing.
        var told = simulation.Agenda.Now - (simulation.Timing.VoteRefresh + LawBook.ClockSlack).Ticks;
        book.Judge(Law.ManyDeathsAreTold, writer.Alarms.RaisedAt >= told, () => Text($"{dying.Count} died, {recent} of {serving.Count} lately, and the checker that wrote it had raised no alarm"));
        foreach (var flip in dying)
        {
            var agreed = votes.Count(v => v.Says(flip.Addr) == false && book.IsFresh(v, commit)) >= 2 && !votes.Any(v => v.Says(flip.Addr) == true && book.WasCounted(v, commit) && book.IsSurelyFresh(v, commit));
            var stood = TimeSpan.FromTicks(simulation.Agenda.Now - _deadMajoritySince.GetValueOrDefault(flip.Addr, simulation.Agenda.Now));
            var hold = Math.Max(votes.Count, Ledger.Options.ExpectedCheckers ?? 0) == 1 ? 3 * simulation.Timing.Threshold : simulation.Timing.BrakeHold;
            book.Judge(Law.ManyDeathsWait, agreed || stood >= hold - TimeSpan.FromSeconds(1.0 / 4), () => Text($"{flip.Addr} died as one of {recent} of {serving.Count} after {stood.TotalSeconds:0.0} s, without agreement"));
        }
    }

    private void NoteMajorities()
    {
        var votes = Ledger.OnePerChecker();
        var denominator = Math.Max(Ledger.Options.ExpectedCheckers ?? 0, votes.Count);
        foreach (var shard in Ledger.Shards)
        {
            if (votes.Count(v => v.Says(shard.Addr) == false) * 2 > denominator)
            {
                _deadMajoritySince.TryAdd(shard.Addr, simulation.Agenda.Now);
            }
            else
            {
                _deadMajoritySince.Remove(shard.Addr);
            }
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
