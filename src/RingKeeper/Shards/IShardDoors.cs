namespace RingKeeper;

/// <summary>What a connector tells those who speak to every shard, not to the one that serves a key.</summary>
internal interface IShardDoors : IRouteSource
{
    /// <summary>The shards of the present view, each address once; null before the first view, and once disposed.</summary>
    IReadOnlyList<ShardDoor>? Doors { get; }
}

/// <summary>A shard of the present view and the connection to it.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Status">What the checkers agreed on; null before they did.</param>
/// <param name="TopologyStamp">The stamp of the view's topology.</param>
/// <param name="Connection">The connection, which may not be open yet.</param>
internal readonly record struct ShardDoor(Shard Shard, ShardStatus? Status, long TopologyStamp, ShardConnection Connection)
{
    /// <summary>Whether keys may be served by it, as far as is known.</summary>
    public bool MayServe => Status is not { Alive: false };
}
