using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RingKeeper;

/// <summary>How a <see cref="VersionedCache"/> behaves. Format and prefix are the same in all programs that share the cache.</summary>
public sealed record VersionedCacheOptions
{
    /// <summary>Gets the layout of copies (default: <see cref="CacheFormat.Own"/>).</summary>
    public CacheFormat Format { get; init; }

    /// <summary>Gets what every key begins with on the shards (default: nothing). In the format of the Go package it stands before the marshalled key.</summary>
    public string KeyPrefix { get; init; } = "";

    /// <summary>Gets how long copies live that are written without an expiry (default: 60 s, as in the Go package).</summary>
    public CacheExpiry Expiry { get; init; } = CacheExpiry.After(TimeSpan.FromSeconds(60));

    /// <summary>Gets what turns values into bytes (default: JSON).</summary>
    public ICacheSerializer Serializer { get; init; } = new JsonCacheSerializer();

    /// <summary>Gets the most bytes that a value may take; a larger one is an error before anything is sent (default: 1 MiB).</summary>
    public int MaxValueBytes { get; init; } = 1024 * 1024;

    /// <summary>Gets what a read gives while its shard cannot be reached (default: <see cref="ShardAwayPolicy.Fail"/>).</summary>
    public ShardAwayPolicy WhenShardAway { get; init; }

    /// <summary>Gets how many misses a second may be filled from the shard that served a key before, where the cluster has <see cref="ZKClusterOptions.WarmReturn"/> (default: 1,000).</summary>
    public int WarmFillsPerSecond { get; init; } = 1000;

    /// <summary>Gets how far keys may move from their owners (default: <see cref="RoutePolicy.Failover"/>).</summary>
    public RoutePolicy RoutePolicy { get; init; }

    /// <summary>Gets the source of time (default: the system's).</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets what receives what happens (default: nobody).</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
