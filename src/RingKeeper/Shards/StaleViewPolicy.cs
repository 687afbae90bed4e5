namespace RingKeeper;

/// <summary>Says what becomes of lookups once ZooKeeper has not confirmed a client's view for <see cref="ClusterOptions.StaleViewAfter"/>.</summary>
public enum StaleViewPolicy
{
    /// <summary>They go on: what a client does not know of, a shard's death or return, does not stop it.</summary>
    ServeOn = 0,

    /// <summary>They go on, and <see cref="ShardRoute.ReadsAreMisses"/> is set: a cache takes every copy for a miss, and writes on.</summary>
    MissReads = 1,

    /// <summary>They fail with <see cref="StaleViewException"/> until ZooKeeper has confirmed the view.</summary>
    Refuse = 2,
}
