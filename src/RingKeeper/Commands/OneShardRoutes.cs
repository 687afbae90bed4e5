using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Routes everything to one shard, whatever its status, over the connection that is in use for it now.</summary>
internal sealed class OneShardRoutes(IShardRoutes ring, Shard shard) : IShardRoutes
{
    public string Cluster => ring.Cluster;

    public bool IsDisposed => ring.IsDisposed;

    public Task RoutesChanged => ring.RoutesChanged;

    public TimeProvider Time => ring.Time;

    public ILogger Logger => ring.Logger;

    public PastMap[] Past => [];

    // Without what was agreed on of it: who asks one shard wants its own answer.
    public IReadOnlyList<ShardDoor>? Doors => ring.Doors?.Where(door => door.Shard.Addr == shard.Addr).Select(static door => door with { Status = null }).ToArray();

    public IDatabase Any => Find().Database;

    public static IReadOnlyList<ShardDoor> DoorsOf(IShardRoutes ring)
    {
        ObjectDisposedException.ThrowIf(ring.IsDisposed, typeof(IShardRoutes));
        return ring.Doors ?? throw new ShardNotReadyException($"The shards{Named(ring)} are not known yet. Wait until the cluster is connected.");
    }

    public ValueTask<ShardRoute> ConnectAsync(RedisKey key, RoutePolicy policy, CancellationToken cancellationToken) => Route();

    public ValueTask<ShardRoute> ConnectAsync(CommandKeys keys, RoutePolicy policy) => Route();

    public ShardConnection? ConnectionOf(in RedisKey key, RoutePolicy policy) => Doors is [var door] ? door.Connection : null;

    public void MoveChannels() => ring.MoveChannels();

    public IDatabase? TryServing(in RedisKey key, RoutePolicy policy) =>
        Doors is [var door] ? door.Connection.Database : null;

    public ShardRoute Serving(in RedisKey key, RoutePolicy policy) => Find();

    public ShardRoute Serving(in CommandKeys keys, RoutePolicy policy) => Find();

    public KeyParts Partition(in CommandKeys keys, RoutePolicy policy) =>
        KeyParts.Whole(Find(), keys);

    public ValueTask<KeyParts> PartitionAsync(CommandKeys keys, RoutePolicy policy)
    {
        try
        {
            return new ValueTask<KeyParts>(Partition(keys, policy));
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<KeyParts>(exception);
        }
    }

    private static string Named(IShardRoutes ring) => ring.Cluster.Length == 0 ? "" : $" of cluster '{ring.Cluster}'";

    private ValueTask<ShardRoute> Route()
    {
        try
        {
            return new ValueTask<ShardRoute>(Find());
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<ShardRoute>(exception);
        }
    }

    private ShardRoute Find()
    {
        foreach (var door in DoorsOf(ring))
        {
            if (door.Shard.Addr == shard.Addr)
            {
                return door.Connection.Database is { } database
                    ? new ShardRoute(database, door.Shard, 0)
                    : throw new RingKeeperException($"The connection to shard '{door.Shard.Name}' ({door.Shard.Addr}){Named(ring)} is not open. Check its address and ConfigureRedis.");
            }
        }

        throw new RingKeeperException($"Shard '{shard.Name}' ({shard.Addr}) is no longer part of the cluster{Named(ring)}. Call GetShardDatabases again; see there what that means for locks.");
    }
}
