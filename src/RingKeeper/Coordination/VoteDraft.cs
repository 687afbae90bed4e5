using System.Collections.Immutable;

namespace RingKeeper;

/// <summary>What a checker knows of a shard, and how old that is.</summary>
/// <param name="Known">What it knows.</param>
/// <param name="Age">How long ago a probe last ended; null before the first.</param>
internal sealed record SeenShard(ShardObservation Known, TimeSpan? Age);

/// <summary>A vote as it is about to be written. Pure.</summary>
/// <param name="Entries">What it says, by address.</param>
/// <param name="Abstentions">The shards it says nothing about on purpose, by address, and why.</param>
/// <param name="Shards">How many shards the cluster has.</param>
internal sealed record VoteDraft(ImmutableDictionary<string, VoteEntry> Entries, ImmutableSortedDictionary<string, string> Abstentions, int Shards)
{
    /// <summary>Drafts the vote from what is known. What was not probed of late is left out, so that nobody keeps fresh what it does not see.</summary>
    /// <param name="shards">The cluster's shards.</param>
    /// <param name="seen">What is known of them, by address.</param>
    /// <param name="held">The verdicts that this checker distrusts.</param>
    /// <param name="checker">The checker's id.</param>
    /// <param name="now">The own clock, in microseconds since the Unix epoch.</param>
    /// <param name="freshFor">How old the last probe may be.</param>
    public static VoteDraft Of(IReadOnlyList<Shard> shards, IReadOnlyDictionary<string, SeenShard> seen, HeldVerdicts held, string checker, long now, TimeSpan freshFor)
    {
        var entries = ImmutableDictionary.CreateBuilder<string, VoteEntry>(StringComparer.Ordinal);
        var abstentions = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var addr in shards.Select(static s => s.Addr))
        {
            if (!ShardAddress.TryParse(addr, out _))
            {
                abstentions[addr] = "its address cannot be read";
            }
            else if (seen.GetValueOrDefault(addr) is { } shard)
            {
                if (WhyNot(shard, held, freshFor) is { } reason)
                {
                    abstentions[addr] = reason;
                }
                else if (shard.Known.Alive is { } alive)
                {
                    entries[addr] = Entry(shard, alive, checker, now);
                }
            }
        }

        return new VoteDraft(entries.ToImmutable(), abstentions.ToImmutable(), shards.Count);
    }

    /// <summary>Tells whether the other says the same of the same shards; times and round trips are no change.</summary>
    public bool SaysTheSame(VoteDraft other) =>
        Entries.Count == other.Entries.Count && Entries.All(e => other.Entries.TryGetValue(e.Key, out var there) && e.Value.SaysTheSame(there));

    private static string? WhyNot(SeenShard shard, HeldVerdicts held, TimeSpan freshFor)
    {
        var known = shard.Known;
        if (known.IsAbstaining)
        {
            return known.Reason ?? "it refuses this checker";
        }

        if (known.Alive is null)
        {
            return null;
        }

        if (shard.Age is not { } age || age > freshFor)
        {
            return FormattableString.Invariant($"no probe of it has ended within {freshFor.TotalSeconds:0.###} s");
        }

        return held.Addrs.Contains(known.Addr) ? held.Reason : null;
    }

    private static VoteEntry Entry(SeenShard shard, bool alive, string checker, long now)
    {
        var known = shard.Known;
        return new VoteEntry(new ShardStatus(known.Addr, alive, known.Since) { RunId = known.RunId, Role = known.Role })
        {
            Seen = now - Microseconds(shard.Age),
            Checker = checker,
            RttMicroseconds = Microseconds(known.Rtt),
            RttDeviationMicroseconds = Microseconds(known.RttDeviation),
            Error = known.Error?.ToString(),
            Suppressed = known.Suppressed?.Reason,
            SuppressedUntil = Microseconds(known.Suppressed?.Until - DateTimeOffset.UnixEpoch),
        };
    }

    private static long? Microseconds(TimeSpan? time) => time?.Ticks / TimeSpan.TicksPerMicrosecond;
}
