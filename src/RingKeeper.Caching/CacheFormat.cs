namespace RingKeeper;

/// <summary>How copies are laid out on the shards. Programs that share a cache use the same.</summary>
public enum CacheFormat
{
    /// <summary>RingKeeper's own: a string with the epoch it was written under, judged without any clock; a read is one plain GET.</summary>
    Own = 0,

    /// <summary>
    /// The Go package's sorted set with its keys, so that Go and .NET programs share a cache. Holds while any two clocks differ by less than
    /// <see cref="ZKClusterOptions.ClockTolerance"/>. Values of text are JSON there, those of bytes stay as they are; a sliding expiry is refused.
    /// </summary>
    /// <remarks>
    /// Check-and-set keeps the Go package's rule: it is refused where the newest serial there is above the one that was read, and succeeds on a key that is
    /// gone. Where a read would miss, <see cref="CacheToken.None"/> succeeds. How to share a cache, and what is promised then, stands in docs/caching-with-go.md.
    /// </remarks>
    GoreLib = 1,
}
