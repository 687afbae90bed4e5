using Microsoft.Extensions.Caching.Distributed;

namespace RingKeeper;

/// <summary>What the options of an entry come to as an expiry of the cache. Pure.</summary>
internal static class DistributedLife
{
    private static readonly TimeSpan Endless = TimeSpan.FromDays(36_500);
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromMilliseconds(uint.MaxValue);

    /// <summary>Reads the options; a relative life wins over a point in time, as in the caches of Microsoft.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The point in time is over.</exception>
    public static CacheExpiry Of(DistributedCacheEntryOptions options, DateTimeOffset now)
    {
        if (options.AbsoluteExpiration is { } end && end <= now)
        {
            throw new ArgumentOutOfRangeException(nameof(options), end, "AbsoluteExpiration is in the past. Name a time to come.");
        }

        var life = options.AbsoluteExpirationRelativeToNow ?? (options.AbsoluteExpiration - now);
        return new CacheExpiry
        {
            Absolute = life is null || life > Endless ? null : life < Least ? Least : life,
            Sliding = options.SlidingExpiration is not { } window ? null : window > LongestWindow ? LongestWindow : window < Least ? Least : window,
        };
    }
}
