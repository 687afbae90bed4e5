namespace RingKeeper.Simulator.Rivals;

/// <summary>By which rule clients find shards and judge copies.</summary>
internal enum CacheRule
{
    /// <summary>The product's own: views from ZooKeeper, epochs.</summary>
    RingKeeper,

    /// <summary>The Go package's: statuses from ZooKeeper, the stamp of the serving shard against the writer's clock; the shards as they were at the start.</summary>
    GoPackage,

    /// <summary>go-redis Ring's: each client pings the shards by itself and leaves out those that do not answer; copies carry nothing.</summary>
    GoRedisRing,

    /// <summary>twemproxy's auto_eject_hosts: requests that fail eject a shard for a while; copies carry nothing.</summary>
    Twemproxy,
}
