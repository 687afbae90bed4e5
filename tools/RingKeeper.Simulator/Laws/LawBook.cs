using System.Globalization;
using RingKeeper.ZooKeeper.Embedded.Tree;

namespace RingKeeper.Simulator;

/// <summary>
/// Judges each commit with full knowledge: the votes that stand at that zxid, the state that the shards are in, and what was wrong with whom. The
/// laws say what must not happen; they are no second copy of the rules that keep it from happening.
/// </summary>
internal sealed class LawBook(Simulation simulation, IReadOnlyCollection<Law> waived)
{
    // Beyond the freshness that the rule demands: the reference time is the leader's own newest write, and the ensemble's leaders have clocks of their own.
    public static readonly TimeSpan ClockSlack = TimeSpan.FromSeconds(1);

    private readonly Dictionary<long, SimulatedChecker> _checkers = [];
    private readonly SortedSet<long> _foreignDecisions = [];
    private readonly long[] _judged = new long[Enum.GetValues<Law>().Length];
    private DeathLaws? _deaths;

    // Of the status, since somebody else last wrote it: what is dropped from there must not be forgotten by who writes next.
    private long _largestSince;

    public Ledger Ledger { get; } = new(simulation.Ensemble.Tree);

    public List<Violation> Violations { get; } = [];

    public long Decisions { get; private set; }

    /// <summary>How many shards that served died on the word of probes.</summary>
    public long Deaths => DeathLaws.Count;

    /// <summary>How often each law was put to the test.</summary>
    public IReadOnlyList<long> Judged => _judged;

    /// <summary>Whether sessions, checkers and leaders may go: while there are faults, and for a while after them.</summary>
    public bool IsQuiet { get; set; }

    private DeathLaws DeathLaws => _deaths ??= new DeathLaws(simulation, this);

    public void NoteSession(long session, SimulatedChecker checker) => _checkers[session] = checker;

    /// <summary>Whether a program that knows nothing of stamps has written the status after one zxid and up to another: a Go leader stamps by its clock alone.</summary>
    public bool IsForeign(long after, long upTo) => _foreignDecisions.GetViewBetween(after + 1, Math.Max(after + 1, upTo)).Count > 0;

    public bool IsOurs(long session) => _checkers.ContainsKey(session);

    public void Break(Law law, string what)
    {
        if (!waived.Contains(law))
        {
            Violations.Add(new Violation(law, simulation.Agenda.Elapsed, simulation.Ensemble.Log.Count == 0 ? 0 : simulation.Ensemble.Log[^1].Zxid, what));
        }
    }

    /// <summary>Judges that something holds; the text is only made where it does not.</summary>
    public void Judge(Law law, bool holds, Func<string> what)
    {
        _judged[(int)law]++;
        if (!holds)
        {
            Break(law, what());
        }
    }

    public void Judge(Commit commit)
    {
        if (!commit.Succeeded)
        {
            return;
        }

        if (commit.EndsSession)
        {
            JudgeEnd(commit);
            Ledger.Take(commit);
            DeathLaws.NoteVotes();
            return;
        }

        var status = commit.Operations.FirstOrDefault(static o => o is not CheckOperation && o.Path == ZKPaths.Status(Simulation.Cluster));
        if (status is SetDataOperation or CreateOperation && IsOurs(commit.Session))
        {
            JudgeStatus(commit, Ledger.Status);
        }
        else if (status is not null)
        {
            _largestSince = 0;
            if (status is SetDataOperation or CreateOperation)
            {
                _foreignDecisions.Add(commit.Zxid);
            }
        }

        JudgeDeletions(commit);
        JudgeVotes(commit);
        Ledger.Take(commit);
        if (commit.Operations.Any(static o => o is not CheckOperation && Ledger.IsVote(o.Path)))
        {
            DeathLaws.NoteVotes();
        }
    }

    private void JudgeStatus(Commit commit, IReadOnlyDictionary<string, ShardStatus> before)
    {
        var path = ZKPaths.Status(Simulation.Cluster);
        var after = ZNodeCodec.DecodeStatuses(path, simulation.Ensemble.Tree.Find(path)!.Data)!;
        JudgeFence(commit);
        var flips = after.Values.Where(s => before.GetValueOrDefault(s.Addr)?.Alive != s.Alive).OrderBy(static s => s.Addr, StringComparer.Ordinal).ToList();
        var largest = Math.Max(_largestSince, Stamps.LargestInSight(Ledger.ClusterStamp, before));
        _largestSince = Math.Max(_largestSince, Math.Max(Stamps.LargestInSight(0, before), Stamps.LargestInSight(0, after)));
        foreach (var entry in after.Values)
        {
            var known = before.GetValueOrDefault(entry.Addr);
            var flipped = known?.Alive != entry.Alive;
            Judge(Law.StampsRise, flipped ? entry.Since > largest || IsDrained(entry.Addr) : entry.Since >= known!.Since,
                () => Text($"{entry.Addr} got {entry.Since} after {known?.Since}, and {largest} was given before"));
        }

        var votes = Ledger.OnePerChecker();
        var restarted = after.Values.Where(s => s.Alive && s.RunId is not null && before.GetValueOrDefault(s.Addr) is { Alive: true, RunId: not null } known && known.RunId != s.RunId && known.Since != s.Since).ToList();
        JudgeRestarts(commit, restarted, votes);
        if (flips.Count + restarted.Count > 0)
        {
            Decisions++;
            JudgeRecord(commit);
        }

        if (flips.Count == 0)
        {
            return;
        }

        foreach (var flip in flips.Where(f => !IsDrained(f.Addr)))
        {
            JudgeMajority(commit, flip, votes);
            if (!flip.Alive)
            {
                JudgeBlindness(flip.Addr, Denominator(votes, commit, static _ => false));
            }
        }

        DeathLaws.Judge(commit, _checkers[commit.Session], flips, votes);
    }

    private void JudgeRestarts(Commit commit, List<ShardStatus> restarted, List<StandingVote> votes)
    {
        foreach (var shard in restarted)
        {
            bool Agrees(StandingVote vote) => vote.Says(shard.Addr) == true && vote.Entries![shard.Addr].Status.RunId == shard.RunId;
            var agreeing = votes.Count(v => Agrees(v) && IsFresh(v, commit));
            var denominator = Denominator(votes, commit, Agrees);
            Judge(Law.FlipHasMajority, agreeing * 2 > denominator, () => Text($"{shard.Addr} became run {shard.RunId} by {agreeing} of {denominator}: {Tell(votes, shard.Addr, commit)}"));
        }
    }

    private void JudgeRecord(Commit commit)
    {
        // The newest comes first; to decode all of them each time would take longer than the run itself.
        var path = ZKPaths.Decisions(Simulation.Cluster);
        var data = commit.Operations.Any(o => o is SetDataOperation or CreateOperation && o.Path == path) ? simulation.Ensemble.Tree.Find(path)!.Data : null;
        var newest = System.Text.Encoding.UTF8.GetString(data.AsSpan(0, Math.Min(data?.Length ?? 0, 200)));
        var recorded = Ledger.Votes.Any(v => v.Owner == commit.Session && newest.Contains($"\"Node\":\"{v.Path[(v.Path.LastIndexOf('/') + 1)..]}\"", StringComparison.Ordinal));
        Judge(Law.DecisionIsRecorded, recorded, () => Text($"zxid {commit.Zxid} decided, and no record of it was written"));
    }

    public bool IsDrained(string addr) => Ledger.Shards.FirstOrDefault(s => s.Addr == addr)?.Drained == true;

    public bool IsFresh(StandingVote vote, Commit commit) =>
        vote.IsGo || commit.Time - vote.Mtime <= (simulation.Timing.Freshness + simulation.Timing.VoteRefresh + ClockSlack).TotalMilliseconds;

    // Whoever was there before this was there when the count began: a step that was held up for longer decides nothing.
    private long CountedBy(Commit commit) => commit.Time - (long)(simulation.Timing.VoteRefresh + ClockSlack).TotalMilliseconds;

    // A Go checker that came since the count may have begun is in it only if it agrees: nothing that a write can check tells that it came. One of ours raises
    // the version of localstatus as it comes.
    private int Denominator(List<StandingVote> votes, Commit commit, Func<StandingVote, bool> agrees) =>
        Math.Max(Ledger.Options.ExpectedCheckers ?? 0, votes.Count(v => WasCounted(v, commit) || agrees(v)));

    /// <summary>Whether whoever counted must have known of this vote.</summary>
    public bool WasCounted(StandingVote vote, Commit commit) => IsOurs(vote.Owner) || vote.Ctime < CountedBy(commit);

    public bool IsSurelyFresh(StandingVote vote, Commit commit) =>
        vote.IsGo || commit.Time - vote.Mtime < (simulation.Timing.Freshness - ClockSlack).TotalMilliseconds;

    private void JudgeMajority(Commit commit, ShardStatus flip, List<StandingVote> votes)
    {
        var denominator = Denominator(votes, commit, v => v.Says(flip.Addr) == flip.Alive);
        var agreeing = votes.Count(v => v.Says(flip.Addr) == flip.Alive && IsFresh(v, commit));
        Judge(Law.FlipHasMajority, agreeing * 2 > denominator, () => Text(
            $"{flip.Addr} became {(flip.Alive ? "alive" : "dead")} by {agreeing} of {denominator}: {Tell(votes, flip.Addr, commit)}"));
    }

    private void JudgeFence(Commit commit)
    {
        var deleted = commit.Operations.OfType<DeleteOperation>().Select(static d => d.Path).ToHashSet(StringComparer.Ordinal);
        var first = Ledger.Votes.FirstOrDefault(v => !deleted.Contains(v.Path));
        Judge(Law.OnlyTheFirstWrites, first?.Owner == commit.Session, () => Text($"session {commit.Session:x} wrote; first in line is {first?.Path} of {first?.Owner:x}"));
    }

    private void JudgeBlindness(string addr, int denominator)
    {
        // Time enough for a shard that flapped to be called alive again, and for a vote to be written.
        var since = simulation.Agenda.Now - (simulation.LongestDamping + simulation.Timing.Threshold + TimeSpan.FromSeconds(5)).Ticks;
        if (since < 0 || simulation.Shards[addr].WasTroubled(since))
        {
            return;
        }

        var well = simulation.Checkers.Count(c => c is { IsRunning: true } && !c.Host.WasTroubled(since) && !simulation.Trouble.WasBetween(c.Host.Number, simulation.Shards[addr].Host, since));
        Judge(Law.SomeBlindKillNothing, well * 2 <= denominator, () => Text($"{addr} died though {well} of {denominator} checkers were well and saw it all the while"));
    }

    private void JudgeDeletions(Commit commit)
    {
        if (!IsOurs(commit.Session))
        {
            return;
        }

        var own = _checkers[commit.Session];
        var taken = commit.Operations.OfType<DeleteOperation>().Select(d => Ledger.Find(d.Path)).Where(v => v is not null && v.Owner != commit.Session).ToList();
        foreach (var vote in taken)
        {
            var victim = _checkers.GetValueOrDefault(vote!.Owner);
            if (victim?.Host == own.Host)
            {
                continue;
            }

            var decides = commit.Operations.Any(static o => o is SetDataOperation or CreateOperation && o.Path == ZKPaths.Status(Simulation.Cluster));
            Judge(Law.UnseatedByADecision, decides, () => Text($"{vote.Path} was deleted by another checker, and nothing was decided"));
            JudgeStay(vote.Path, victim);
        }
    }

    private void JudgeEnd(Commit commit)
    {
        if (_checkers.GetValueOrDefault(commit.Session) is { IsRunning: true } checker && Ledger.Votes.FirstOrDefault(v => v.Owner == commit.Session) is { } vote)
        {
            JudgeStay(vote.Path, checker);
        }
    }

    private void JudgeStay(string path, SimulatedChecker? checker)
    {
        var since = simulation.Agenda.Now - (3 * simulation.Timing.SessionTimeout).Ticks;
        var isLate = checker?.Host.Lateness(simulation.Agenda.Now - (3 * simulation.Timing.LeaderGrace).Ticks) > TimeSpan.Zero
            // Whoever came into office late waits with a death for longer than those behind it.
            || (Ledger.Options.ExpectedCheckers is null && checker?.Host.Lateness(simulation.Agenda.Now - (DeathLaws.OfficeHold(simulation.Timing) + (3 * simulation.Timing.LeaderGrace)).Ticks) > simulation.Timing.LeaderGrace / 2);
        var excused = checker is not { IsRunning: true } || isLate || checker.Host.WasTroubled(since) || simulation.Trouble.WasGeneral(since);
        Judge(Law.LeaderStays, excused && !IsQuiet, () => Text($"{path} lost its place, and nothing had gone wrong"));
    }

    private void JudgeVotes(Commit commit)
    {
        if (!IsOurs(commit.Session))
        {
            return;
        }

        foreach (var write in commit.Operations.Where(static o => o is SetDataOperation or CreateOperation && Ledger.IsVote(o.Path)))
        {
            var path = write is CreateOperation ? commit.Results[commit.Operations.ToList().IndexOf(write)].Path : write.Path;
            var before = Ledger.Find(path);
            var entries = ZNodeCodec.DecodeVote(path, simulation.Ensemble.Tree.Find(path)?.Data ?? "{}"u8);
            foreach (var entry in (entries?.Values ?? []).Where(e => !e.Status.Alive && before?.Says(e.Status.Addr) != false))
            {
                JudgeCause(_checkers[commit.Session], entry.Status.Addr);
            }
        }
    }

    private void JudgeCause(SimulatedChecker checker, string addr)
    {
        // A vote that could not be written in time says what was seen then.
        var since = simulation.Agenda.Now - (simulation.Timing.Threshold + (2 * simulation.Timing.SessionTimeout) + TimeSpan.FromSeconds(5)).Ticks;
        if (simulation.Shards.TryGetValue(addr, out var shard))
        {
            Judge(Law.DeadVoteHasACause, since < 0 || shard.WasTroubled(since) || checker.Host.WasTroubled(since) || simulation.Trouble.WasBetween(checker.Host.Number, shard.Host, since) || simulation.Trouble.WasGeneral(since),
                () => Text($"the checker on host {checker.Host.Number} called {addr} dead, and nothing had gone wrong"));
        }
    }

    private static string Tell(List<StandingVote> votes, string addr, Commit commit) =>
        string.Join(", ", votes.Select(v => Text($"{v.Path[^3..]}{(v.IsGo ? " (Go)" : "")}={v.Says(addr)?.ToString() ?? "-"}@{commit.Time - v.Mtime}ms")));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
