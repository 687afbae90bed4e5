using System.Collections.Immutable;
using System.Globalization;

namespace RingKeeper;

/// <summary>The votes on one shard and what they want. Pure.</summary>
internal sealed class ShardTally
{
    private readonly Shard _shard;
    private readonly ShardStatus? _status;
    private readonly CountableVotes _votes;
    private readonly string? _runId;
    private readonly string? _role;
    private readonly List<(Vote Vote, VoteEntry Entry)> _alive = [];
    private readonly List<(Vote Vote, VoteEntry Entry)> _dead = [];

    public ShardTally(Shard shard, ShardStatus? status, CountableVotes votes)
    {
        (_shard, _status, _votes) = (shard, status, votes);
        foreach (var vote in votes.All)
        {
            if (votes.EntryOf(vote, shard.Addr) is { } entry)
            {
                (entry.Status.Alive ? _alive : _dead).Add((vote, entry));
            }
        }

        _runId = Agreed(static s => s.RunId);
        _role = Agreed(static s => s.Role);
        (Kind, RestsOn) = Decide();
    }

    public string Addr => _shard.Addr;

    public bool IsDrained => _shard.Drained;

    public bool? Was => _status?.Alive;

    public long? Since => _status?.Since;

    /// <summary>What the votes want to happen, or null.</summary>
    public DecisionKind? Kind { get; }

    /// <summary>The votes without which it would not.</summary>
    public ImmutableArray<Vote> RestsOn { get; }

    /// <summary>Whether a shard that serves is to die on the word of its probes; the first verdict on a shard takes nothing from anybody.</summary>
    public bool IsDeath => Kind == DecisionKind.Death && Was == true;

    public bool IsAliveAfter => Kind is DecisionKind.Return or DecisionKind.Restart;

    /// <summary>Whether all who say anything say dead, and they are two at least.</summary>
    public bool IsUnanimousDeath => _alive.Count == 0 && _dead.Count >= 2;

    /// <summary>How long a strict majority of the same checkers has stood by the death.</summary>
    public TimeSpan MajorityStands(IReadOnlyDictionary<(string Addr, string Node), TimeSpan> standing) =>
        _dead.Select(d => standing.GetValueOrDefault((Addr, d.Vote.Node))).OrderDescending().ElementAt(_votes.Denominator / 2);

    /// <summary>The entry as it will stand.</summary>
    public ShardStatus After(long stamp) => Kind switch
    {
        DecisionKind.Return => new ShardStatus(Addr, true, stamp) { RunId = _runId, Role = _role, Died = _status?.Since ?? 0 },
        DecisionKind.Restart => new ShardStatus(Addr, true, stamp) { RunId = _runId ?? _status!.RunId, Role = _role ?? _status!.Role },
        _ => new ShardStatus(Addr, false, stamp),
    };

    public ShardCount ToCount(Brake brake, Hold? hold)
    {
        var stale = _votes.All.Count(_votes.IsStale);
        var silent = _votes.All.Length - _alive.Count - _dead.Count - stale;
        return new ShardCount(Addr, _alive.Count, _dead.Count, silent, stale, _votes.Denominator, Explain(brake, hold, silent, stale))
        {
            Votes = [.. _votes.All.Select(ToCounted)],
            Hold = hold,
        };
    }

    private (DecisionKind? Kind, ImmutableArray<Vote> RestsOn) Decide()
    {
        if (IsDrained)
        {
            return (Was == false ? null : DecisionKind.Drain, []);
        }

        if (_votes.IsMajority(_dead.Count))
        {
            return (Was == false ? null : DecisionKind.Death, [.. _dead.Select(static d => d.Vote)]);
        }

        if (!_votes.IsMajority(_alive.Count))
        {
            return (null, []);
        }

        if (Was != true)
        {
            return (DecisionKind.Return, [.. _alive.Select(static a => a.Vote)]);
        }

        // What restarted may have lost or restored what it held, though no probe was missed.
        var restarted = Differs(_runId, _status!.RunId);
        return restarted || Differs(_role, _status.Role)
            ? (DecisionKind.Restart, [.. _alive.Where(a => restarted ? a.Entry.Status.RunId == _runId : a.Entry.Status.Role == _role).Select(static a => a.Vote)])
            : (null, []);
    }

    private static bool Differs(string? agreed, string? published) => agreed is not null && agreed != published;

    // What a strict majority says of the run; null where there is none.
    private string? Agreed(Func<ShardStatus, string?> part) =>
        _alive.Select(a => part(a.Entry.Status)).OfType<string>().GroupBy(static v => v, StringComparer.Ordinal).FirstOrDefault(g => _votes.IsMajority(g.Count()))?.Key;

    private CountedVote ToCounted(Vote vote)
    {
        var entry = vote.Entries?.GetValueOrDefault(Addr);
        return new CountedVote(vote.Node, vote.Checker, entry?.Status.Alive, _votes.IsStale(vote), _votes.AgeOf(vote), entry?.Error, entry?.RttMicroseconds, entry?.Status.RunId);
    }

    private string Explain(Brake brake, Hold? hold, int silent, int stale)
    {
        var (alive, dead, of) = (_alive.Count, _dead.Count, $"{_votes.Denominator} checkers");
        var others = (silent, stale) switch
        {
            (0, 0) => "",
            (_, 0) => $", {silent} say nothing",
            (0, _) => $", {stale} too old to count",
            _ => $", {silent} say nothing, {stale} too old to count",
        };
        var needed = $"{(_votes.Denominator / 2) + 1} needed";
        if (hold is not null)
        {
            var left = hold.Left.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
            return hold.IsBrake
                ? $"stays alive for now: {dead} of {of} say dead, {alive} say alive{others}, but {brake.Describe()}; waits until all votes agree and are two at least, for {left} s at most"
                : $"stays alive for now: {dead} of {of} say dead, {alive} say alive{others}, but the leader is new in office; waits for {left} s";
        }

        return (Kind, Was) switch
        {
            (DecisionKind.Drain, _) => $"is drained: dead whatever the votes say ({alive} of {of} say alive, {dead} say dead{others})",
            (DecisionKind.Death, _) => $"is dead: {dead} of {of} say so, {alive} say alive{others}",
            (DecisionKind.Return, _) => $"is alive: {alive} of {of} say so, {dead} say dead{others}",
            (DecisionKind.Restart, _) => ExplainRestart(of),
            (_, false) when IsDrained => $"stays dead: it is drained ({alive} of {of} say alive, {dead} say dead{others})",
            (_, null) => $"is undecided: {alive} of {of} say alive, {dead} say dead{others}; {needed}",
            (_, true) => $"stays alive: {alive} of {of} say so, {dead} say dead{others}; {needed} for a death",
            (_, false) => $"stays dead: {dead} of {of} say so, {alive} say alive{others}; {needed} for a return",
        };
    }

    private string ExplainRestart(string of)
    {
        var by = $"{RestsOn.Length} of {of} say so";
        if (Differs(_runId, _status!.RunId))
        {
            return _status.RunId is { } old ? $"has restarted: run_id {_runId}, before {old}; {by}" : $"is run {_runId}, and which it was before is not known; {by}";
        }

        return _status.Role is { } role ? $"has changed its role to {_role}, before {role}; {by}" : $"has the role {_role}, and which it had before is not known; {by}";
    }
}
