namespace RingKeeper.Cli.Handlers;

/// <summary>What is told of a shard as JSON. Pure.</summary>
internal sealed record ShardShape(
    string Name,
    string Addr,
    bool? Alive,
    long? Since,
    bool Drained,
    string? RunId,
    string? Role,
    bool RestartsGoUnnoticed,
    CountShape Votes,
    string Why,
    DecisionKind? Due,
    HoldShape? Hold,
    IEnumerable<SuppressionShape> Suppressed)
{
    public static ShardShape Of(Fleet fleet, Shard shard)
    {
        var (status, count) = (fleet.StatusOf(shard), fleet.CountOf(shard));
        return new ShardShape(
            shard.Name,
            shard.Addr,
            status?.Alive,
            status?.Since,
            shard.Drained,
            status?.RunId,
            status?.Role,
            fleet.UnseenRestarts.Contains(shard),
            new CountShape(count.Alive, count.Dead, count.Abstaining, count.Stale, count.Denominator, count.Needed),
            count.Why,
            fleet.DueOf(shard)?.Kind,
            count.Hold is { } hold ? new HoldShape(hold.IsBrake, hold.Left.TotalSeconds) : null,
            fleet.SuppressionsOf(shard).Select(static s => new SuppressionShape(s.Checker.Node, s.Entry.Suppressed!, s.Entry.SuppressedUntil)));
    }
}

/// <summary>How the votes on a shard count.</summary>
internal sealed record CountShape(int Alive, int Dead, int Abstaining, int Stale, int Denominator, int Needed);

/// <summary>What holds a death, and for how long at most.</summary>
internal sealed record HoldShape(bool IsBrake, double SecondsAtMost);

/// <summary>Who keeps a shard dead that may be well again, why, and until when, in microseconds by that checker's clock.</summary>
internal sealed record SuppressionShape(string Node, string Reason, long? Until);

/// <summary>What a checker says of a shard; no <c>alive</c> where it abstains.</summary>
internal sealed record VoteShape(string Shard, bool? Alive, long? Since, long? Seen, string? RunId, string? Role, long? RttUs, long? RttDeviationUs, string? Error, string? Suppressed, long? SuppressedUntil)
{
    public static VoteShape Of(Shard shard, VoteEntry? entry) => new(
        shard.Name,
        entry?.Status.Alive,
        entry?.Status.Since,
        entry?.Seen,
        entry?.Status.RunId,
        entry?.Status.Role,
        entry?.RttMicroseconds,
        entry?.RttDeviationMicroseconds,
        entry?.Error,
        entry?.Suppressed,
        entry?.SuppressedUntil);
}
