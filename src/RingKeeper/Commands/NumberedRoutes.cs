using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>The routes of a ring, to databases of another number, or with another state, than those of the shards' settings.</summary>
internal sealed class NumberedRoutes(IShardRoutes ring, int number, object? asyncState) : IShardRoutes
{
    public string Cluster => ring.Cluster;

    public bool IsDisposed => ring.IsDisposed;

    public Task RoutesChanged => ring.RoutesChanged;

    public TimeProvider Time => ring.Time;

    public ILogger Logger => ring.Logger;

    public PastMap[] Past => ring.Past;

    public IReadOnlyList<ShardDoor>? Doors => ring.Doors;

    public IDatabase Any => Numbered(ring.Any);

    public ValueTask<ShardRoute> ConnectAsync(RedisKey key, RoutePolicy policy, CancellationToken cancellationToken) =>
        NumberedAsync(ring.ConnectAsync(key, policy, cancellationToken));

    public ValueTask<ShardRoute> ConnectAsync(CommandKeys keys, RoutePolicy policy) => NumberedAsync(ring.ConnectAsync(keys, policy));

    public ShardConnection? ConnectionOf(in RedisKey key, RoutePolicy policy) => ring.ConnectionOf(key, policy);

    public void MoveChannels() => ring.MoveChannels();

    public IDatabase? TryServing(in RedisKey key, RoutePolicy policy) => ring.TryServing(key, policy) is { } database ? Numbered(database) : null;

    public ShardRoute Serving(in RedisKey key, RoutePolicy policy) => Numbered(ring.Serving(key, policy));

    public ShardRoute Serving(in CommandKeys keys, RoutePolicy policy) => Numbered(ring.Serving(keys, policy));

    public KeyParts Partition(in CommandKeys keys, RoutePolicy policy) => Numbered(ring.Partition(keys, policy));

    public async ValueTask<KeyParts> PartitionAsync(CommandKeys keys, RoutePolicy policy) =>
        Numbered(await ring.PartitionAsync(keys, policy).ConfigureAwait(false));

    private IDatabase Numbered(IDatabase database) => database.Multiplexer.GetDatabase(number, asyncState);

    private ShardRoute Numbered(ShardRoute route) => new(Numbered(route.Database), route.Shard, route.ValidSince, route.ReadsAreMisses);

    private KeyParts Numbered(KeyParts parts) => parts with { Parts = [.. parts.Parts.Select(part => part with { Route = Numbered(part.Route) })] };

    private ValueTask<ShardRoute> NumberedAsync(ValueTask<ShardRoute> routing)
    {
        return routing.IsCompletedSuccessfully ? new ValueTask<ShardRoute>(Numbered(routing.Result)) : WaitAsync(routing);

        async ValueTask<ShardRoute> WaitAsync(ValueTask<ShardRoute> waiting) => Numbered(await waiting.ConfigureAwait(false));
    }
}
