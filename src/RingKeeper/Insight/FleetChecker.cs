using System.Collections.Immutable;

namespace RingKeeper;

/// <summary>A checker that stands in line. Pure.</summary>
/// <param name="Node">Its node.</param>
/// <param name="Checker">Its id, or null.</param>
/// <param name="Kind">Which program it is, as far as its vote tells.</param>
/// <param name="Leads">Whether it is first in line.</param>
/// <param name="Counts">Whether its vote takes part; another node of the same checker may have taken its place.</param>
/// <param name="IsReadable">Whether the vote can be read.</param>
/// <param name="IsStale">Whether the vote is too old to count.</param>
/// <param name="AgeSeconds">How old the vote is by ZooKeeper's clock.</param>
/// <param name="Entries">What it says, by address.</param>
internal sealed record FleetChecker(
    string Node, string? Checker, VoterKind Kind, bool Leads, bool Counts, bool IsReadable, bool IsStale, double AgeSeconds, IReadOnlyDictionary<string, VoteEntry> Entries)
{
    /// <summary>Gets the name that people know it by.</summary>
    public string Name => Checker is null ? Node : $"{Node} ({Checker})";

    /// <summary>Gets the program, for people.</summary>
    public string Program => (Kind switch { VoterKind.Go => "Go", VoterKind.RingKeeper => "RingKeeper", _ => "not known yet" }) + (Leads ? ", leads" : "");

    /// <summary>Lists the checkers in the order of election.</summary>
    public static IReadOnlyList<FleetChecker> Of(BallotNodes nodes, BallotResult result)
    {
        // All shards are counted by the same votes.
        var counted = (result.Shards.FirstOrDefault()?.Votes ?? []).ToDictionary(static vote => vote.Node, StringComparer.Ordinal);
        return
        [
            .. nodes.Votes.Select((vote, place) =>
            {
                var known = counted.GetValueOrDefault(vote.Node);
                return new FleetChecker(
                    vote.Node, vote.Checker, vote.Kind, place == 0, known is not null, vote.Entries is not null, known is { IsStale: true }, (known?.AgeMilliseconds ?? 0) / 1000.0,
                    vote.Entries ?? ImmutableDictionary<string, VoteEntry>.Empty);
            }),
        ];
    }

    /// <summary>What it says of a shard, or null.</summary>
    public VoteEntry? EntryOf(Shard shard) => Entries.GetValueOrDefault(shard.Addr);

    /// <summary>What it says of all shards, in short.</summary>
    public string Summarize(IReadOnlyList<Shard> shards)
    {
        if (!IsReadable)
        {
            return "cannot be read";
        }

        if (!Counts)
        {
            return "does not count: a newer vote of the same checker does";
        }

        var alive = shards.Count(shard => EntryOf(shard) is { Status.Alive: true });
        var dead = shards.Where(shard => EntryOf(shard) is { Status.Alive: false }).Select(static shard => shard.Name).ToList();
        var silent = shards.Where(shard => EntryOf(shard) is null).Select(static shard => shard.Name).ToList();
        string[] parts = [alive > 0 ? $"{alive} alive" : "", dead.Count > 0 ? $"dead: {string.Join(", ", dead)}" : "", silent.Count > 0 ? $"abstains: {string.Join(", ", silent)}" : ""];
        return (IsStale ? "too old to count; " : "") + string.Join("; ", parts.Where(static part => part.Length > 0));
    }
}
