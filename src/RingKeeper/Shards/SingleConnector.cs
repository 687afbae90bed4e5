using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Connects every key to one server: for development, and for code that runs with and without a cluster.</summary>
public sealed class SingleConnector : IConnector, IShardDoors, IShardRoutes
{
    private readonly Shard _shard;
    private readonly ShardConnection _connection;
    private readonly RoutedFaces _faces;
    private readonly ClusterOptions _options;
    private readonly TaskCompletionSource _disposal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _disposed;

    private SingleConnector(Shard shard, ShardConnection connection, ClusterOptions options)
    {
        _shard = shard;
        _connection = connection;
        _options = options;
        _faces = new RoutedFaces(this);
    }

    string IShardRoutes.Cluster => "";

    bool IShardRoutes.IsDisposed => Volatile.Read(ref _disposed) != 0;

    IDatabase IShardRoutes.Any => Database;

    private IDatabase Database
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
            return _connection.Database!;
        }
    }

    Task IRouteSource.RoutesChanged => _disposal.Task;

    TimeProvider IRouteSource.Time => _options.TimeProvider;

    ILogger IShardRoutes.Logger => _options.Logger;

    PastMap[] IShardRoutes.Past => [];

    IReadOnlyList<ShardDoor>? IShardDoors.Doors => Volatile.Read(ref _disposed) == 0 ? [new ShardDoor(_shard, null, 0, _connection)] : null;

    /// <summary>Opens the connection. A server that is away does not fail it: operations fail until the server is back.</summary>
    /// <param name="addr">The address: <c>host:port</c>, <c>[v6]:port</c>, or <c>:port</c> for this machine.</param>
    /// <param name="options">The options, of which those of connections count; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The connector.</returns>
    /// <exception cref="RingKeeperException">The address or an option cannot be used.</exception>
    public static async Task<SingleConnector> ConnectAsync(string addr, ClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(addr);
        options ??= new ClusterOptions();
        options.Validate();
        var connection = new ShardConnection(addr, addr, options, (a, _) => ShardConfiguration.OpenAsync(a, options), asksForRun: false);
        try
        {
            await connection.Opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await connection.DrainAndCloseAsync(cancellationToken).ConfigureAwait(false);
            throw;
        }

        return new SingleConnector(new Shard(addr, addr), connection, options);
    }

    /// <inheritdoc/>
    public ValueTask<ShardRoute> ConnectAsync(RedisKey key, RoutePolicy policy = RoutePolicy.Failover, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<ShardRoute>(cancellationToken)
            : new ValueTask<ShardRoute>(new ShardRoute(_connection.Database!, _shard, 0));
    }

    /// <summary>Gets the server as a database, with the same rules as that of a cluster, so that code runs with and without one.</summary>
    /// <param name="policy">How far keys may move from their owner; of no effect here (default: <see cref="RoutePolicy.Failover"/>).</param>
    /// <returns>The database; the same object at each call.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such policy.</exception>
    public IDatabase GetDatabase(RoutePolicy policy = RoutePolicy.Failover) => _faces.Get(policy).Database;

    /// <summary>Gets the server as a multiplexer, with the same rules as that of a cluster. Closing or disposing of it closes nothing.</summary>
    /// <param name="policy">How far keys may move from their owners; of no effect here (default: <see cref="RoutePolicy.Failover"/>).</param>
    /// <returns>The multiplexer; the same object at each call.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such policy.</exception>
    public IConnectionMultiplexer GetMultiplexer(RoutePolicy policy = RoutePolicy.Failover) => _faces.Get(policy).Multiplexer;

    /// <summary>Gets the server as that of a cluster would be: what it does not refuse it does on the one server.</summary>
    /// <returns>The server; the same object at each call.</returns>
    public IServer GetServer() => _faces.Get(RoutePolicy.Failover).Server;

    /// <summary>Gets the one server as a list of shards, for what locks by majority.</summary>
    /// <returns>One database.</returns>
    public IReadOnlyList<IDatabase> GetShardDatabases() => _faces.GetShardDatabases();

    ValueTask<ShardRoute> IShardRoutes.ConnectAsync(CommandKeys keys, RoutePolicy policy) => ConnectAsync(keys[0], policy);

    ShardConnection? IShardRoutes.ConnectionOf(in RedisKey key, RoutePolicy policy) => Volatile.Read(ref _disposed) == 0 ? _connection : null;

    void IShardRoutes.MoveChannels()
    {
        // Nothing moves.
    }

    IDatabase? IShardRoutes.TryServing(in RedisKey key, RoutePolicy policy) => Database;

    ShardRoute IShardRoutes.Serving(in RedisKey key, RoutePolicy policy) => new(Database, _shard, 0);

    ShardRoute IShardRoutes.Serving(in CommandKeys keys, RoutePolicy policy) => new(Database, _shard, 0);

    KeyParts IShardRoutes.Partition(in CommandKeys keys, RoutePolicy policy) => KeyParts.Whole(new ShardRoute(Database, _shard, 0), keys);

    ValueTask<KeyParts> IShardRoutes.PartitionAsync(CommandKeys keys, RoutePolicy policy) => new(KeyParts.Whole(new ShardRoute(Database, _shard, 0), keys));

    /// <summary>Closes the connection. Safe to call again.</summary>
    /// <returns>The close.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _disposal.SetResult();
            await _connection.DrainAndCloseAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        }
    }
}
