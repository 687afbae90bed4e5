namespace RingKeeper;

/// <summary>How copies are laid out on the shards. Programs that share a cache use the same.</summary>
public enum CacheFormat
{
    /// <summary>RingKeeper's own: a string with the epoch it was written under, judged without any clock; a read is one plain GET.</summary>
    Own = 0,

    /// <summary>
    /// The Go package's sorted set with its keys, so that Go and .NET programs share a cache. Holds while any two clocks differ by less than
    /// <see cref="ZKClusterOptions.ClockTolerance"/>.
    /// </summary>
    GoreLib = 1,
}
