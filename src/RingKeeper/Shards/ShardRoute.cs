using StackExchange.Redis;

namespace RingKeeper;

/// <summary>The shard that serves a key, for one operation or a few: route again for the next. Nothing to give back.</summary>
public readonly struct ShardRoute : IEquatable<ShardRoute>
{
    /// <summary>Creates a route.</summary>
    /// <param name="database">The connection to the shard.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="validSince">See <see cref="ValidSince"/>.</param>
    /// <param name="readsAreMisses">See <see cref="ReadsAreMisses"/>.</param>
    public ShardRoute(IDatabase database, Shard shard, long validSince, bool readsAreMisses = false)
    {
        Database = database;
        Shard = shard;
        ValidSince = validSince;
        ReadsAreMisses = readsAreMisses;
    }

    /// <summary>Creates a route of a view.</summary>
    internal ShardRoute(IDatabase database, Shard shard, in RouteDecision decision, RouteOrigin origin, bool readsAreMisses)
        : this(database, shard, decision.ValidSince, readsAreMisses)
    {
        LeastValidSince = decision.LeastValidSince;
        Origin = origin;
    }

    /// <summary>The connection to the shard, shared and thread-safe.</summary>
    public IDatabase Database { get; }

    /// <summary>The shard.</summary>
    public Shard Shard { get; }

    /// <summary>
    /// The epoch to write under, µs since the Unix epoch; 0 for a single server. A copy written under it or a later one is valid. Of one written under a
    /// lower epoch <see cref="IsValid(in RedisKey, long, RoutePolicy)"/> tells whether it still is.
    /// </summary>
    public long ValidSince { get; }

    /// <summary>A copy written under a lower epoch is stale for certain.</summary>
    internal long LeastValidSince { get; }

    /// <summary>Where it comes from; null for a single server.</summary>
    internal RouteOrigin? Origin { get; }

    /// <summary>
    /// Whether a cache must take every copy it reads for a miss, because the view is too old to tell a stale copy: see
    /// <see cref="ClusterOptions.StaleViewPolicy"/> and <see cref="ClusterOptions.TrustSnapshot"/>. Writes go on.
    /// </summary>
    public bool ReadsAreMisses { get; }

    /// <summary>Compares two routes.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether they lead to the same connection under the same epoch.</returns>
    public static bool operator ==(ShardRoute left, ShardRoute right) => left.Equals(right);

    /// <summary>Compares two routes.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether they differ.</returns>
    public static bool operator !=(ShardRoute left, ShardRoute right) => !left.Equals(right);

    /// <summary>
    /// Tells whether a copy is as new as this view can tell: no shard on the key's walk died, returned or restarted, and no topology change
    /// altered that walk, since the epoch it was written under. Exact, and rarely more than two comparisons.
    /// </summary>
    /// <param name="key">The key that the route was asked for.</param>
    /// <param name="epoch">The <see cref="ValidSince"/> of the route that the copy was written through.</param>
    /// <param name="policy">The policy that the route was asked with (default: <see cref="RoutePolicy.Failover"/>).</param>
    /// <returns>Whether it is valid. Of a single server every copy is.</returns>
    public bool IsValid(in RedisKey key, long epoch, RoutePolicy policy = RoutePolicy.Failover) =>
        epoch >= ValidSince || (epoch >= LeastValidSince && Origin is { } origin && epoch >= KeyRouting.ExactValidSince(origin.View, key, policy));

    /// <inheritdoc/>
    public bool Equals(ShardRoute other) =>
        ReferenceEquals(Database, other.Database) && Equals(Shard, other.Shard) && ValidSince == other.ValidSince && ReadsAreMisses == other.ReadsAreMisses;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ShardRoute other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Database, Shard, ValidSince, ReadsAreMisses);
}
