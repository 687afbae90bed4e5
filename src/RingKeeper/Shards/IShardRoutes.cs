using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Where the faces of a ring find the shards of their commands; the one seam between them.</summary>
internal interface IShardRoutes : IShardDoors
{
    /// <summary>The cluster's name, for messages; empty if it has none.</summary>
    string Cluster { get; }

    /// <summary>Whether the connector is disposed: no shard will be found any more.</summary>
    bool IsDisposed { get; }

    /// <summary>Where to log.</summary>
    ILogger Logger { get; }

    /// <summary>Where keys were served in the views that were replaced a moment ago; the oldest first.</summary>
    PastMap[] Past { get; }

    /// <summary>A connection that is open, whatever its shard's status: for what asks nothing of a server.</summary>
    /// <exception cref="RingKeeperException">None is open.</exception>
    IDatabase Any { get; }

    /// <summary>Finds the route of a key; waits a short time while it is not ready.</summary>
    ValueTask<ShardRoute> ConnectAsync(RedisKey key, RoutePolicy policy, CancellationToken cancellationToken);

    /// <summary>Finds the one route of several keys, all judged in one view; waits a short time while one of them is not ready.</summary>
    ValueTask<ShardRoute> ConnectAsync(CommandKeys keys, RoutePolicy policy);

    /// <summary>Finds the routes of several keys, all judged in one view; waits a short time while one of them is not ready.</summary>
    ValueTask<KeyParts> PartitionAsync(CommandKeys keys, RoutePolicy policy);

    /// <summary>The connection to the shard that serves a key now, which may not be open yet; null while none does.</summary>
    ShardConnection? ConnectionOf(in RedisKey key, RoutePolicy policy);

    /// <summary>Says that somebody publishes or subscribes: connections to removed shards are then kept for <see cref="ChannelMoves.Overlap"/>.</summary>
    void MoveChannels();

    /// <summary>The shard that serves a key now; null while none does.</summary>
    IDatabase? TryServing(in RedisKey key, RoutePolicy policy);

    /// <summary>The route of a key now; never waits.</summary>
    /// <exception cref="NoShardAvailableException">Every shard that may serve the key is dead.</exception>
    /// <exception cref="ShardNotReadyException">A shard on the key's way has no status yet.</exception>
    ShardRoute Serving(in RedisKey key, RoutePolicy policy);

    /// <summary>The one route of all of these keys now; never waits.</summary>
    /// <exception cref="CrossShardException">The keys lie on different shards.</exception>
    /// <exception cref="NoShardAvailableException">Every shard that may serve one of the keys is dead.</exception>
    /// <exception cref="ShardNotReadyException">A shard on a key's way has no status yet.</exception>
    ShardRoute Serving(in CommandKeys keys, RoutePolicy policy);

    /// <summary>The shards that serve these keys now, all judged in one view; never waits.</summary>
    /// <exception cref="NoShardAvailableException">Every shard that may serve one of the keys is dead.</exception>
    /// <exception cref="ShardNotReadyException">A shard on a key's way has no status yet.</exception>
    KeyParts Partition(in CommandKeys keys, RoutePolicy policy);
}
