using Microsoft.Extensions.Caching.Distributed;

namespace RingKeeper;

/// <summary>What the options of an entry come to: how long it may live in all, and after each read. Pure.</summary>
/// <param name="Absolute">The whole life; null for no end.</param>
/// <param name="Sliding">The life after each read; null where reads do not prolong it.</param>
internal readonly record struct DistributedLife(TimeSpan? Absolute, TimeSpan? Sliding)
{
    private static readonly TimeSpan Endless = TimeSpan.FromDays(36_500);
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromMilliseconds(uint.MaxValue);

    /// <summary>The time until the shard drops the copy, in whole milliseconds; null for never.</summary>
    public long? Milliseconds => (Absolute, Sliding) switch
    {
        (null, null) => null,
        ({ } life, null) => Whole(life),
        (null, { } window) => Whole(window),
        ({ } life, { } window) => Whole(life < window ? life : window),
    };

    /// <summary>Reads the options; a relative life wins over a point in time, as in the caches of Microsoft.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The point in time is over.</exception>
    public static DistributedLife Of(DistributedCacheEntryOptions options, DateTimeOffset now)
    {
        if (options.AbsoluteExpiration is { } end && end <= now)
        {
            throw new ArgumentOutOfRangeException(nameof(options), end, "AbsoluteExpiration is in the past. Name a time to come.");
        }

        var life = options.AbsoluteExpirationRelativeToNow ?? (options.AbsoluteExpiration - now);
        return new DistributedLife(
            life is null || life > Endless ? null : life < Least ? Least : life,
            options.SlidingExpiration is not { } window ? null : window > LongestWindow ? LongestWindow : window < Least ? Least : window);
    }

    private static long Whole(TimeSpan time) => (long)Math.Ceiling(time.TotalMilliseconds);
}
