using System.Collections.Immutable;

namespace RingKeeper;

/// <summary>
/// When a checker distrusts itself: every shard fails for it at once, and most others say that at least one of them is alive. Then it is the checker that is
/// cut off, more likely than the shards. Pure.
/// </summary>
internal static class MassFailurePolicy
{
    /// <summary>Tells which shards failed, if all did and at least two of them at once.</summary>
    /// <param name="known">What the checker knows, by address.</param>
    /// <param name="deadFor">How long each dead shard has been dead, by the checker's own clock.</param>
    /// <param name="window">How far apart two deaths are that happen at once.</param>
    /// <returns>All dead shards, or none.</returns>
    public static ImmutableHashSet<string> FailedAtOnce(IEnumerable<ShardObservation> known, IReadOnlyDictionary<string, TimeSpan> deadFor, TimeSpan window)
    {
        var none = HeldVerdicts.None.Addrs;
        var failed = none.ToBuilder();
        var ages = new List<TimeSpan>();
        foreach (var shard in known.Where(static k => k.Alive is not null))
        {
            if (!IsFailing(shard))
            {
                return none;
            }

            failed.Add(shard.Addr);
            ages.Add(deadFor.GetValueOrDefault(shard.Addr));
        }

        return ages.Count(age => age - ages.Min() <= window) >= 2 ? failed.ToImmutable() : none;
    }

    /// <summary>
    /// Tells whether a shard gives no good answer; one that is kept from returning by its flapping does answer. Bad results count before the death that they
    /// lead to: shards do not die in one moment, and the first death must not be voted before the others are looked at.
    /// </summary>
    public static bool IsFailing(ShardObservation shard) =>
        (shard is { Alive: false } and ({ Suppressed: null } or { Error: not null })) || shard is { FailingSince: not null, Error: not ProbeOutcome.Misconfigured };

    /// <summary>Finds a shard that a strict majority of the others' fresh votes calls alive. A vote that says nothing at all is none.</summary>
    /// <param name="failed">The shards that failed.</param>
    /// <param name="others">The votes of the others.</param>
    /// <param name="reference">The latest time ZooKeeper's clock is known to have reached, in milliseconds since the Unix epoch.</param>
    /// <param name="freshFor">How old a vote may be. One of a Go program, which is never written anew, may have any age.</param>
    /// <returns>The shard, how many say so and of how many; null if there is none.</returns>
    public static (string Addr, int Alive, int Votes)? ContradictedBy(IEnumerable<string> failed, IEnumerable<Vote> others, long reference, TimeSpan freshFor)
    {
        var fresh = others
            .Where(v => v.Kind == VoterKind.Go || (v.Kind == VoterKind.RingKeeper && reference - v.Mtime <= freshFor.TotalMilliseconds))
            .GroupBy(static v => v.Checker ?? $"session {v.Owner}", StringComparer.Ordinal)
            .Select(static g => g.MaxBy(static v => (v.Mtime, v.Mzxid))!)
            .ToList();
        foreach (var addr in failed.Order(StringComparer.Ordinal))
        {
            if (fresh.Count(v => v.Says(addr) == true) is var alive && alive * 2 > fresh.Count)
            {
                return (addr, alive, fresh.Count);
            }
        }

        return null;
    }
}
