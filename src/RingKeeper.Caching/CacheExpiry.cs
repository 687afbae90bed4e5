namespace RingKeeper;

/// <summary>How long a copy may live. Both limits may be given; the first that is reached ends it.</summary>
public readonly record struct CacheExpiry
{
    /// <summary>Gets a copy's whole life, or null for no end (default: null). At least 1 ms; the shard's clock measures it.</summary>
    public TimeSpan? Absolute { get; init; }

    /// <summary>Gets for how long a copy lives on after a read, or null where reads do not prolong it (default: null). At least 1 s.</summary>
    public TimeSpan? Sliding { get; init; }

    /// <summary>Makes an expiry of a fixed life.</summary>
    /// <param name="life">The copy's life.</param>
    /// <returns>The expiry.</returns>
    public static CacheExpiry After(TimeSpan life) => new() { Absolute = life };

    /// <summary>Makes an expiry that each read prolongs.</summary>
    /// <param name="window">For how long a copy lives on after a read.</param>
    /// <returns>The expiry.</returns>
    public static CacheExpiry SlidingBy(TimeSpan window) => new() { Sliding = window };
}
