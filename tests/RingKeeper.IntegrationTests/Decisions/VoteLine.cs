using System.Collections.Immutable;

namespace RingKeeper.IntegrationTests.Decisions;

/// <summary>The checkers' nodes in the order of election, and what each says of the shards, by address.</summary>
internal sealed record VoteLine(ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, bool>> Votes)
{
    public static VoteLine Empty { get; } = new(ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, bool>>.Empty);

    /// <summary>The names of the nodes; the first leads.</summary>
    public IReadOnlyList<string> Nodes => [.. Votes.Keys];

    /// <summary>Whether so many checkers say of so many shards that they are alive, and none says anything else.</summary>
    public bool AllSayAlive(int checkers, int shards) => Votes.Count == checkers && Votes.Values.All(vote => vote.Count == shards && vote.Values.All(alive => alive));

    public override string ToString() => string.Join("; ", Votes.Select(v => $"{v.Key}: {string.Join(", ", v.Value.Select(s => $"{s.Key} {(s.Value ? "alive" : "dead")}"))}"));
}
