namespace RingKeeper;

/// <summary>
/// Delays deaths: many at once, until every vote agrees or the majority has stood for a while, since a checker's blindness looks like mass death
/// and costs the whole cache; and any death while the leader is new. It never forbids one and never holds a return. Pure.
/// </summary>
internal sealed class Brake
{
    private readonly BallotPaper _paper;
    private readonly TimeSpan _hold;
    private readonly int _serving;
    private readonly int _dying;
    private readonly bool _isOn;

    public Brake(BallotPaper paper, IReadOnlyList<ShardTally> tallies)
    {
        _paper = paper;
        var denominator = CountableVotes.Of(paper).Denominator;
        _hold = denominator == 1 ? paper.SingleBrakeHold : paper.BrakeHold;
        _serving = tallies.Count(static t => !t.IsDrained);
        var recent = tallies.Where(static t => t.Was == false && !t.IsDrained).Select(t => RecentDeathOf(t)).OfType<long>().ToList();
        _dying = tallies.Count(static t => t.IsDeath) + recent.Count;
        _isOn = _dying >= 2 && _dying * 100L > (long)paper.MaxDeadPercent * _serving;
        NextEase = _isOn && recent.Count > 0 ? BallotPaper.RecentTime - TimeSpan.FromMilliseconds(paper.Present - recent.Min() - 1) : null;
    }

    /// <summary>When a death stops being recent, which may let others through though nothing is heard and no hold ends; null where the brake is off, or for none.</summary>
    public TimeSpan? NextEase { get; }

    /// <summary>What holds a shard's death; null where nothing does, or none is due.</summary>
    public Hold? HoldOf(ShardTally tally)
    {
        if (!tally.IsDeath)
        {
            return null;
        }

        var brake = _isOn && !tally.IsUnanimousDeath ? _hold - tally.MajorityStands(_paper.Standing) : TimeSpan.Zero;
        return brake > TimeSpan.Zero && brake >= _paper.OfficeHold ? new Hold(IsBrake: true, brake)
            : _paper.OfficeHold > TimeSpan.Zero ? new Hold(IsBrake: false, _paper.OfficeHold)
            : null;
    }

    /// <summary>Whether a death goes through the brake since everybody agrees; one voice against it would hold it.</summary>
    public bool IsReleasedByAgreement(ShardTally tally) => _isOn && tally.IsDeath && tally.IsUnanimousDeath;

    /// <summary>What to tell when deaths go through; one that is not among many needs no alarm.</summary>
    public string? AlarmOf(IEnumerable<Flip> flips) => _isOn && flips.Any(static f => f.Kind == DecisionKind.Death && f.Was == true) ? Describe() : null;

    public string Describe() => $"{_dying} of {_serving} shards would be dead within {BallotPaper.RecentTime.TotalSeconds:0} s, more than {_paper.MaxDeadPercent} %";

    // Of a decision too long for its record, some changes are known by the stamp alone.
    private long? RecentDeathOf(ShardTally tally) => _paper.Decisions
        .TakeWhile(d => _paper.Present - d.At <= BallotPaper.RecentTime.TotalMilliseconds)
        .FirstOrDefault(d => d.Changes.Any(c => c.Kind == DecisionKind.Death && c.Addr == tally.Addr) || (d.Omitted > 0 && d.Stamp == tally.Since))?.At;
}
