using System.Collections.Immutable;

namespace RingKeeper.Dashboard;

/// <summary>What the page shows of one shard. Immutable.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Status">The state that the checkers agreed on, or null.</param>
/// <param name="Count">How the votes count now.</param>
/// <param name="Owned">The share of the key space that it owns.</param>
/// <param name="Served">The share of the key space that it serves now.</param>
internal sealed record ShardPanel(Shard Shard, ShardStatus? Status, ShardCount Count, double Owned, double Served)
{
    /// <summary>The last round trips that the checkers told, in milliseconds, oldest first: the median of the checkers at each moment; null where none told one.</summary>
    public ImmutableArray<double?> RoundTrips { get; init; } = [];

    /// <summary>What the server said of itself last, or null.</summary>
    public ShardFacts? Facts { get; init; }

    /// <summary>How old <see cref="Facts"/> are.</summary>
    public TimeSpan FactsAge { get; init; }

    /// <summary>Why the server did not say more, or null.</summary>
    public string? FactsTrouble { get; init; }
}
