using Microsoft.Extensions.Logging;

namespace RingKeeper;

/// <summary>Configures the caches of a cluster in a container, from the section <c>Cache</c> of the cluster's section and in code; see <c>AddDistributedCache</c>. Read once.</summary>
public sealed class CacheSettings
{
    /// <summary>Gets or sets the layout of the <see cref="VersionedCache"/>'s copies (default: <see cref="CacheFormat.Own"/>). The distributed cache always uses its own.</summary>
    public CacheFormat Format { get; set; }

    /// <summary>Gets or sets what every key begins with on the shards (default: nothing).</summary>
    public string KeyPrefix { get; set; } = "";

    /// <summary>Gets or sets how long copies of the <see cref="VersionedCache"/> live that are written without an expiry (default: 60 s). Entries of the distributed cache without one never expire.</summary>
    public TimeSpan Expiry { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets the most bytes that a value may take (default: 1 MiB).</summary>
    public int MaxValueBytes { get; set; } = 1024 * 1024;

    /// <summary>Gets or sets what a read gives while its shard cannot be reached (default: <see cref="ShardAwayPolicy.Fail"/>).</summary>
    public ShardAwayPolicy WhenShardAway { get; set; }

    /// <summary>Gets or sets how far keys may move from their owners (default: <see cref="RoutePolicy.Failover"/>).</summary>
    public RoutePolicy RoutePolicy { get; set; }

    /// <summary>Gets or sets the channel of the backplane; the same in all processes that share the cache (default: <c>ringkeeper:cache</c>).</summary>
    public string Channel { get; set; } = "ringkeeper:cache";

    /// <summary>Gets or sets what turns values of the <see cref="VersionedCache"/> into bytes (default: JSON). Set in code alone.</summary>
    public ICacheSerializer Serializer { get; set; } = new JsonCacheSerializer();

    // The path of the section that was read, and what was wrong in it.
    internal string? Section { get; set; }

    internal List<string> Flaws { get; } = [];

    internal VersionedCacheOptions ToCache(TimeProvider time, ILogger logger) => new()
    {
        Format = Format,
        KeyPrefix = KeyPrefix,
        Expiry = CacheExpiry.After(Expiry),
        MaxValueBytes = MaxValueBytes,
        WhenShardAway = WhenShardAway,
        RoutePolicy = RoutePolicy,
        Serializer = Serializer,
        TimeProvider = time,
        Logger = logger,
    };

    internal CacheBackplaneOptions ToBackplane(TimeProvider time, ILogger logger) => new()
    {
        Channel = Channel,
        RoutePolicy = RoutePolicy,
        TimeProvider = time,
        Logger = logger,
    };
}
