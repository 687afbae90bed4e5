namespace RingKeeper;

/// <summary>What a <see cref="VersionedCache"/> has done so far. Each key of a many-key read counts.</summary>
public readonly record struct CacheCounters
{
    /// <summary>Gets how many reads found a valid copy.</summary>
    public long Hits { get; init; }

    /// <summary>Gets how many reads found none, whatever the reason.</summary>
    public long Misses { get; init; }

    /// <summary>Gets how many misses met a copy that could not be known to be the newest: a shard on its key's walk died, returned or restarted since, or the topology changed.</summary>
    public long StaleMisses { get; init; }

    /// <summary>Gets how many misses met what no cache of this format wrote.</summary>
    public long ForeignMisses { get; init; }

    /// <summary>Gets how many of the hits were misses filled from the shard that served the key before; see <see cref="ZKClusterOptions.WarmReturn"/>.</summary>
    public long Fills { get; init; }

    /// <summary>Gets how many misses came of a shard that was away; with <see cref="ShardAwayPolicy.Fail"/>, none.</summary>
    public long AwayMisses { get; init; }

    /// <summary>Gets how many values <see cref="VersionedCache.GetOrCreateAsync"/> has loaded.</summary>
    public long Loads { get; init; }

    /// <summary>Gets how many loads failed or were cancelled.</summary>
    public long FailedLoads { get; init; }

    /// <summary>Gets how many loaded values were returned and not stored: their shard was away, or the view had changed since their miss.</summary>
    public long UnstoredLoads { get; init; }
}
