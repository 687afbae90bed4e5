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

    /// <summary>The connection to the shard, shared and thread-safe.</summary>
    public IDatabase Database { get; }

    /// <summary>The shard.</summary>
    public Shard Shard { get; }

    /// <summary>The key's epoch: a copy written under a lower one is stale. µs since the Unix epoch; 0 for a single server.</summary>
    public long ValidSince { get; }

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

    /// <inheritdoc/>
    public bool Equals(ShardRoute other) =>
        ReferenceEquals(Database, other.Database) && Equals(Shard, other.Shard) && ValidSince == other.ValidSince && ReadsAreMisses == other.ReadsAreMisses;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ShardRoute other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Database, Shard, ValidSince, ReadsAreMisses);
}
