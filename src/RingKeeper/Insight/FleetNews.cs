namespace RingKeeper;

/// <summary>What a follower of a fleet knows now.</summary>
/// <param name="Fleet">The fleet as it was last read; null before the first time.</param>
/// <param name="OpenNodes">The znodes that anybody may change, as last read.</param>
/// <param name="Trouble">Why it could not be read anew, in words for people; null where it was.</param>
internal sealed record FleetNews(Fleet? Fleet, IReadOnlyList<string> OpenNodes, string? Trouble)
{
    /// <summary>Gets whether there is no such cluster at the moment; <see cref="Trouble"/> says so too.</summary>
    public bool IsGone { get; init; }
}
