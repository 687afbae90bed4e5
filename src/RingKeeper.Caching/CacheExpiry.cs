using System.Globalization;

namespace RingKeeper;

/// <summary>How long a copy may live. Both limits may be given; the first that is reached ends it.</summary>
public readonly record struct CacheExpiry
{
    // What the header of a copy has room for.
    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(49);

    /// <summary>Gets a copy's whole life, or null for no end (default: null). At least 1 ms; fractions of one are rounded up. The shard's clock measures it.</summary>
    public TimeSpan? Absolute { get; init; }

    /// <summary>
    /// Gets for how long a copy lives on after a read, or null where reads do not prolong it (default: null). From 1 ms to 49 days. Each process prolongs at most once in a quarter of the
    /// window, so that a copy may live up to a quarter longer, and never less.
    /// </summary>
    /// <remarks>Where <see cref="Absolute"/> is given too, a copy that was prolonged ends by the clocks of writer and reader.</remarks>
    public TimeSpan? Sliding { get; init; }

    /// <summary>The window in milliseconds; 0 where reads do not prolong.</summary>
    internal uint SlidingMilliseconds => Sliding is { } window ? (uint)Milliseconds(window) : 0;

    /// <summary>For how long a copy is written, in milliseconds; null for ever.</summary>
    internal long? FirstMilliseconds
    {
        get
        {
            var whole = Absolute is { } life ? Milliseconds(life) : long.MaxValue;
            var first = Sliding is null ? whole : Math.Min(whole, Prolonged(SlidingMilliseconds));
            return first == long.MaxValue ? null : first;
        }
    }

    /// <summary>Makes an expiry of a fixed life.</summary>
    /// <param name="life">The copy's life.</param>
    /// <returns>The expiry.</returns>
    public static CacheExpiry After(TimeSpan life) => new() { Absolute = life };

    /// <summary>Makes an expiry that each read prolongs.</summary>
    /// <param name="window">For how long a copy lives on after a read.</param>
    /// <returns>The expiry.</returns>
    public static CacheExpiry SlidingBy(TimeSpan window) => new() { Sliding = window };

    /// <summary>How long a copy lives from a read that prolongs it: reads that come before the next quarter of the window do not.</summary>
    internal static long Prolonged(uint windowMilliseconds) => windowMilliseconds + ((windowMilliseconds + 3L) / 4);

    /// <summary>Throws unless it can be kept.</summary>
    /// <exception cref="RingKeeperException">A limit is too short or too long.</exception>
    internal void Validate()
    {
        Check(nameof(Absolute), Absolute, TimeSpan.MaxValue);
        Check(nameof(Sliding), Sliding, LongestWindow);
    }

    private static long Milliseconds(TimeSpan time) => (time.Ticks / TimeSpan.TicksPerMillisecond) + (time.Ticks % TimeSpan.TicksPerMillisecond == 0 ? 0 : 1);

    private static void Check(string name, TimeSpan? time, TimeSpan most)
    {
        if (time is { } given && (given < TimeSpan.FromMilliseconds(1) || given > most))
        {
            throw new RingKeeperException(string.Create(
                CultureInfo.InvariantCulture,
                $"The expiry's {name} is {given.TotalMilliseconds} ms. Set it to at least 1 ms{(most == TimeSpan.MaxValue ? "" : $" and at most {most.TotalDays} days")}, or leave it out."));
        }
    }
}
