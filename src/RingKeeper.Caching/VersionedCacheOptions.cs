using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RingKeeper;

/// <summary>How a <see cref="VersionedCache"/> behaves. Format and prefix are the same in all programs that share the cache.</summary>
public sealed record VersionedCacheOptions
{
    private const int MostBytes = 512 * 1024 * 1024 - CopyHeader.LongLength;

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

    /// <summary>
    /// Gets how long a write waits for a newer view and tries again, where the copy on the shard was written under a later view than this client has (default: 1 s).
    /// Zero: it fails at once with <see cref="StaleViewException"/>.
    /// </summary>
    public TimeSpan NewerViewTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets how far keys may move from their owners (default: <see cref="RoutePolicy.Failover"/>).</summary>
    public RoutePolicy RoutePolicy { get; init; }

    /// <summary>Gets the source of time (default: the system's).</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets what receives what happens (default: nobody).</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Throws unless a cache can work so.</summary>
    /// <exception cref="RingKeeperException">An option cannot be used.</exception>
    internal void Validate()
    {
        Require(KeyPrefix is not null, nameof(KeyPrefix), "null", "a text, or to an empty one");
        Require(Serializer is not null, nameof(Serializer), "null", "a serializer");
        Require(TimeProvider is not null, nameof(TimeProvider), "null", "a source of time");
        Require(Logger is not null, nameof(Logger), "null", "a logger");
        Require(MaxValueBytes is > 0 and <= MostBytes, nameof(MaxValueBytes), $"{MaxValueBytes}", $"a number from 1 to {MostBytes}");
        Require(NewerViewTimeout >= TimeSpan.Zero && NewerViewTimeout <= TimeSpan.FromDays(1), nameof(NewerViewTimeout), $"{NewerViewTimeout}", "a time from zero to a day");
        Require(WarmFillsPerSecond >= 0, nameof(WarmFillsPerSecond), $"{WarmFillsPerSecond}", "a number from 0 on");
        Require(Enum.IsDefined(WhenShardAway), nameof(WhenShardAway), $"{WhenShardAway}", "one of its values");
        Require(Enum.IsDefined(RoutePolicy), nameof(RoutePolicy), $"{RoutePolicy}", "one of its values");
        Expiry.Validate();
    }

    private static void Require(bool holds, string name, string value, string wanted)
    {
        if (!holds)
        {
            throw new RingKeeperException($"{name} is {value}. Set it to {wanted}.");
        }
    }
}
