using System.Collections.Immutable;

namespace RingKeeper;

/// <summary>Names what a decision does to a shard.</summary>
internal enum DecisionKind
{
    /// <summary>It counts as dead from now on.</summary>
    Death,

    /// <summary>It counts as alive from now on, for the first time or again.</summary>
    Return,

    /// <summary>It goes on being alive as another run of the server, or in another role: what it held before may be gone.</summary>
    Restart,

    /// <summary>It counts as dead because it is drained.</summary>
    Drain,
}

/// <summary>One decision of the checkers as it stands in <c>…/decisions</c>: what changed, who published it, and what it rests on.</summary>
/// <param name="At">When it was made (the time of the count until it is read back, then that of the write), by ZooKeeper's clock, in milliseconds since the Unix epoch.</param>
/// <param name="Stamp">The stamp that the changed entries share, in microseconds since the Unix epoch.</param>
/// <param name="Node">The node of the checker that published it.</param>
/// <param name="Checker">The id of that checker, or null.</param>
/// <param name="Changes">What changed.</param>
internal sealed record Decision(long At, long Stamp, string Node, string? Checker, ImmutableArray<Flip> Changes)
{
    /// <summary>Gets the nodes that the decision took from checkers which had left it undone.</summary>
    public ImmutableArray<string> Unseated { get; init; } = [];

    /// <summary>Gets how many changes were left out of the record, since it would have been too long.</summary>
    public int Omitted { get; init; }
}

/// <summary>One shard's change of state, and the count it rests on.</summary>
/// <param name="Addr">The shard's address.</param>
/// <param name="Kind">What happens to it.</param>
/// <param name="Was">What it counted as before; null for nothing.</param>
/// <param name="Alive">What it counts as from now on.</param>
/// <param name="Count">The count.</param>
internal sealed record Flip(string Addr, DecisionKind Kind, bool? Was, bool Alive, ShardCount Count)
{
    /// <summary>Tells the decision in one line.</summary>
    public override string ToString() => $"{Addr} {Count.Why}";
}
