using System.Collections.Immutable;

namespace RingKeeper;

/// <summary>The verdicts that a checker does not vote for the time being, since it distrusts itself.</summary>
/// <param name="Addrs">The addresses of the shards.</param>
/// <param name="Reason">Why, for people.</param>
internal sealed record HeldVerdicts(ImmutableHashSet<string> Addrs, string Reason)
{
    public static HeldVerdicts None { get; } = new(ImmutableHashSet.Create<string>(StringComparer.Ordinal), "");
}
