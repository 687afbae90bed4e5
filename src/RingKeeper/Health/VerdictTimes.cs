namespace RingKeeper;

/// <summary>
/// Since when each verdict stands. It is kept through an abstention of this process: what comes back as it was has stood all the time. A shard that was
/// restarted or changed its role begins anew, though it missed no probe: what it holds may be another's. Not safe for concurrent use.
/// </summary>
internal sealed class VerdictTimes(TimeProvider time)
{
    private readonly Dictionary<string, ShardStatus> _standing = new(StringComparer.Ordinal);
    private long _last;

    /// <summary>The verdict on a shard with its time; null if there is none.</summary>
    /// <param name="seen">What is known of the shard.</param>
    /// <param name="standing">The verdict, apart from any distrust of this process.</param>
    public ShardStatus? Stand(ShardObservation seen, ShardVerdict standing)
    {
        if (standing is not (ShardVerdict.Alive or ShardVerdict.Dead))
        {
            Forget(seen.Addr);
            return null;
        }

        var alive = standing == ShardVerdict.Alive;
        if (!_standing.TryGetValue(seen.Addr, out var known) || known.Alive != alive || (alive && (Differ(known.RunId, seen.RunId) || Differ(known.Role, seen.Role))))
        {
            known = new ShardStatus(seen.Addr, alive, Next());
        }

        return _standing[seen.Addr] = known with { RunId = seen.RunId, Role = seen.Role };
    }

    public void Forget(string addr) => _standing.Remove(addr);

    private static bool Differ(string? known, string? seen) => known is not null && seen is not null && known != seen;

    // The wall clock may step back; the order of changes may not.
    private long Next()
    {
        var now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        return _last = Math.Max(now, _last + 1);
    }
}
