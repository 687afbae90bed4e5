using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// A client of a cluster kept in ZooKeeper: routes keys to shards, follows the checkers' decisions and topology changes live, and goes on
/// serving from its last view while ZooKeeper is away. Safe for concurrent use; one a process is enough.
/// </summary>
public sealed class ZKCluster : IConnector, INodeReader, IRingBuilder, IHealthChecker, IShardDoors
{
    private readonly bool _ownsClient;
    private readonly ClusterOptions _options;
    private readonly ViewHost _host;
    private readonly RoutedFaces _faces;
    private readonly ViewConfirmation _confirmation;
    private readonly ViewSnapshotWriter? _snapshots;
    private readonly Random _random;
    private readonly ILogger _logger;

    // Null until connected; only a container hands a cluster out before that.
    private ZooKeeperClient? _client;
    private ViewFollower? _follower;
    private ViewGauges? _gauges;

    // Held for a moment where a connected cluster meets its disposal.
    private readonly Lock _ending = new();
    private bool _isDisposed;

    private ZKCluster(string name, ClusterOptions options, bool ownsClient, Random random, ILogger logger)
    {
        Name = name;
        _options = options;
        _ownsClient = ownsClient;
        _random = random;
        _logger = logger;
        _host = new ViewHost(options, name, viewAge: () => ViewAge, whyNoView: () => IsConnected ? null : NoView());
        _faces = new RoutedFaces(_host);
        _confirmation = new ViewConfirmation(name, options, logger, _host.SetTrust);
        _snapshots = options.SnapshotFile is { } file ? new ViewSnapshotWriter(file, name, _confirmation, options.TimeProvider, logger) : null;
    }

    /// <summary>Gets the cluster's name.</summary>
    public string Name { get; }

    /// <summary>Gets what this client knows of the cluster now; immutable.</summary>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    /// <exception cref="InvalidOperationException">It comes from a container whose host has not started.</exception>
    public ClusterView View => _host.View ?? throw NoView();

    /// <summary>Gets the state of the ZooKeeper session.</summary>
    public SessionSnapshot Session => _client?.Session ?? new SessionSnapshot(SessionState.Connecting, 0, 0, TimeSpan.Zero, null);

    internal bool IsConnected => _follower is not null;

    internal ZooKeeperClient? Client => _client;

    internal string? Unreadable => _follower?.Unreadable;

    /// <summary>What this process knows now, for its health check.</summary>
    internal ClusterReading Reading
    {
        get
        {
            var (age, zooKeeper) = (ViewAge, _client?.GetHealth());
            var isAway = zooKeeper is { Session.State: not SessionState.Connected };
            return new ClusterReading(Name, IsConnected ? _host.View : null, age, Session.State)
            {
                Unreadable = Unreadable,
                ZooKeeperTrouble = isAway && zooKeeper!.Diagnosis.Trouble != ConnectionTrouble.None ? zooKeeper.Diagnosis.Message : null,
                SinceContact = zooKeeper?.SinceLastContact,
                RefusesLookups = _options.StaleViewPolicy == StaleViewPolicy.Refuse && age >= _options.StaleViewAfter,
                Connections = (_host.Doors ?? []).Select(static door => (door.Shard.Addr, door.Connection.Trouble)).Where(static door => door.Trouble is not null)
                    .ToDictionary(static door => door.Addr, static door => door.Trouble!.Value, StringComparer.Ordinal),
            };
        }
    }

    /// <summary>
    /// Gets how long ZooKeeper has not vouched for <see cref="View"/>: zero while the session is connected and the view is known to be ZooKeeper's,
    /// otherwise the time since that was last so. A connection that went silent counts from the last sign of life, once the silence is noticed.
    /// Before the first view, the time since this client was made.
    /// </summary>
    public TimeSpan ViewAge => _confirmation.Age;

    Task IRouteSource.RoutesChanged => _host.RoutesChanged;

    TimeProvider IRouteSource.Time => _options.TimeProvider;

    IReadOnlyList<ShardDoor>? IShardDoors.Doors => _host.Doors;

    /// <summary>Connects to a cluster.</summary>
    /// <param name="servers">The ZooKeeper servers: <c>host:port,host:port/chroot</c>.</param>
    /// <param name="clusterName">The cluster's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The client; dispose it.</returns>
    /// <exception cref="RingKeeperException">There is no such cluster, or its znodes cannot be read.</exception>
    /// <exception cref="ZooKeeperException">ZooKeeper could not be reached.</exception>
    public static Task<ZKCluster> ConnectAsync(string servers, string clusterName, CancellationToken cancellationToken = default) =>
        ConnectAsync(new ZKConnectorOptions { ZKServers = servers }, clusterName, cancellationToken: cancellationToken);

    /// <summary>Connects to a cluster with a ZooKeeper session of its own.</summary>
    /// <param name="connection">How to connect to ZooKeeper.</param>
    /// <param name="clusterName">The cluster's name.</param>
    /// <param name="options">How to connect to the shards and how long to wait (default: all defaults).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The client; dispose it.</returns>
    /// <exception cref="RingKeeperException">There is no such cluster, or its znodes cannot be read, or ZooKeeper could not be reached and the <see cref="ClusterOptions.SnapshotFile"/> was refused.</exception>
    /// <exception cref="ZooKeeperException">ZooKeeper could not be reached, and no <see cref="ClusterOptions.SnapshotFile"/> is set.</exception>
    public static Task<ZKCluster> ConnectAsync(ZKConnectorOptions connection, string clusterName, ClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(clusterName);
        options ??= new ClusterOptions { TimeProvider = connection.TimeProvider };
        options.Validate();
        cancellationToken.ThrowIfCancellationRequested();
        var client = ZooKeeperClient.Open(connection.ToClientOptions());
        return ConnectAsync(client, ownsClient: true, clusterName, options, connection, cancellationToken);
    }

    /// <summary>Connects to a cluster over a ZooKeeper client that is running already; the client stays the caller's.</summary>
    /// <param name="client">The ZooKeeper client.</param>
    /// <param name="clusterName">The cluster's name.</param>
    /// <param name="options">How to connect to the shards and how long to wait (default: all defaults).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The client; dispose it.</returns>
    /// <exception cref="RingKeeperException">There is no such cluster, or its znodes cannot be read, or ZooKeeper could not be reached and the <see cref="ClusterOptions.SnapshotFile"/> was refused.</exception>
    /// <exception cref="ZooKeeperException">ZooKeeper refused, or could not be reached and no <see cref="ClusterOptions.SnapshotFile"/> is set.</exception>
    public static Task<ZKCluster> ConnectAsync(ZooKeeperClient client, string clusterName, ClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(clusterName);
        options ??= new ClusterOptions();
        options.Validate();
        return ConnectAsync(client, ownsClient: false, clusterName, options, null, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">It comes from a container whose host has not started.</exception>
    public ValueTask<ShardRoute> ConnectAsync(RedisKey key, RoutePolicy policy = RoutePolicy.Failover, CancellationToken cancellationToken = default) =>
        _host.ConnectAsync(key, policy, cancellationToken);

    /// <summary>
    /// Gets the whole ring as one database: each call goes to the shard that serves its keys then. What goes where, and the few calls that
    /// have no meaning on a ring, stand in docs/commands.md. While a shard is not ready, asynchronous calls wait as
    /// <see cref="ConnectAsync(RedisKey, RoutePolicy, CancellationToken)"/> does, and synchronous ones fail at once.
    /// </summary>
    /// <param name="policy">How far keys may move from their owners (default: <see cref="RoutePolicy.Failover"/>). Locks never do.</param>
    /// <returns>The database; the same object at each call. Nothing to give back.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such policy.</exception>
    public IDatabase GetDatabase(RoutePolicy policy = RoutePolicy.Failover) => _faces.Get(policy).Database;

    /// <summary>
    /// Gets the whole ring as one multiplexer, for libraries that ask for one: its databases and subscribers route by the policy, its servers
    /// are the shards' own, its events those of all shards. What each member does stands in docs/commands.md. Closing or disposing of it
    /// closes nothing: the connections are this object's.
    /// </summary>
    /// <param name="policy">How far keys may move from their owners (default: <see cref="RoutePolicy.Failover"/>). Locks never do.</param>
    /// <returns>The multiplexer; the same object at each call.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such policy.</exception>
    public IConnectionMultiplexer GetMultiplexer(RoutePolicy policy = RoutePolicy.Failover) => _faces.Get(policy).Multiplexer;

    /// <summary>
    /// Gets the whole ring as one server: what means all servers, such as <c>FlushDatabase</c>, <c>Keys</c> or <c>ScriptLoad</c>, is done on all
    /// shards, and what means one is refused with a sentence. The shards' own are given by <see cref="IConnectionMultiplexer.GetServers"/>.
    /// </summary>
    /// <returns>The server; the same object at each call.</returns>
    public IServer GetServer() => _faces.Get(RoutePolicy.Failover).Server;

    /// <summary>
    /// Gets every shard of the present view, dead or alive, as a database of its own, for locks by majority: such a lock holds on more than half of them.
    /// All who lock must use the same shards: get the list once, and let the longest lock run out before the cluster's shards are changed.
    /// </summary>
    /// <returns>One database a shard, in the order of the view; each stays good when its shard dies and returns.</returns>
    /// <exception cref="RingKeeperException">The shards are not known yet.</exception>
    public IReadOnlyList<IDatabase> GetShardDatabases() => _faces.GetShardDatabases();

    /// <summary>Finds the shard that serves a key now, without waiting.</summary>
    /// <param name="key">The key's bytes.</param>
    /// <param name="policy">How far the key may move from its owner.</param>
    /// <param name="route">The route.</param>
    /// <returns>Whether a shard serves the key; never while the view is too old and <see cref="StaleViewPolicy.Refuse"/> is the policy.</returns>
    public bool TryRoute(ReadOnlySpan<byte> key, RoutePolicy policy, out ShardRoute route) => _host.TryRoute(key, policy, out route);

    /// <summary>Gives the present view, then each that replaces it; a slow reader gets the latest.</summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <returns>The views.</returns>
    public IAsyncEnumerable<ClusterView> WatchViewsAsync(CancellationToken cancellationToken = default) => _host.WatchViewsAsync(cancellationToken);

    /// <summary>Closes the connections to the shards, and the ZooKeeper session if this client opened it.</summary>
    /// <returns>When all is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        lock (_ending)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        _gauges?.Dispose();
        if (_follower is { } follower)
        {
            await follower.DisposeAsync().ConfigureAwait(false);
        }

        if (_snapshots is not null)
        {
            await _snapshots.DisposeAsync().ConfigureAwait(false);
        }

        _confirmation.Dispose();
        await _host.DisposeAsync().ConfigureAwait(false);
        if (_ownsClient && _client is { } client)
        {
            await client.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Makes a client for a container, which injects it before it is connected; <see cref="FollowAsync"/> connects it.</summary>
    internal static ZKCluster Unconnected(string name, ClusterOptions options, Random random, ILogger logger) => new(name, options, ownsClient: false, random, logger);

    /// <summary>Reads the cluster and follows it, from its snapshot where ZooKeeper is away and there is one. After a failure it may be called again.</summary>
    internal async Task FollowAsync(ZooKeeperClient client, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        var follower = new ViewFollower(client, Name, _host, _confirmation, _snapshots, _options.TimeProvider, _random, _logger);
        try
        {
            await StartAsync(client, follower, cancellationToken).ConfigureAwait(false);
            lock (_ending)
            {
                // A disposal that came meanwhile has not seen the follower.
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                _client = client;
                _follower = follower;
                _gauges = new ViewGauges(Name, () => ViewAge, () => _host.View);
            }
        }
        catch
        {
            await follower.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    ValueTask<IReadOnlyList<Shard>> INodeReader.ReadNodesAsync(CancellationToken cancellationToken) => new(View.Ring.Shards);

    HashRing IRingBuilder.Build(IReadOnlyList<Shard> shards) => (_follower ?? throw NoView()).RingBuilder.Build(shards);

    // The checkers decide which shards are probed; a client only follows.
    void IHealthChecker.SetShards(IReadOnlyList<Shard> shards) => ArgumentNullException.ThrowIfNull(shards);

    async IAsyncEnumerable<ShardStatus> IHealthChecker.WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var told = ImmutableDictionary<string, ShardStatus>.Empty;
        await foreach (var view in _host.WatchViewsAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var status in view.Statuses.Values)
            {
                if (told.GetValueOrDefault(status.Addr) != status)
                {
                    told = told.SetItem(status.Addr, status);
                    yield return status;
                }
            }
        }
    }

    private static async Task<ZKCluster> ConnectAsync(
        ZooKeeperClient client, bool ownsClient, string name, ClusterOptions options, ZKConnectorOptions? connection, CancellationToken cancellationToken)
    {
        var cluster = new ZKCluster(name, options, ownsClient, connection?.Random ?? new Random(), connection?.LoggerFactory.CreateLogger("RingKeeper.Cluster") ?? options.Logger);
        try
        {
            await cluster.FollowAsync(client, cancellationToken).ConfigureAwait(false);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            if (ownsClient)
            {
                await client.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    private async Task StartAsync(ZooKeeperClient client, ViewFollower follower, CancellationToken cancellationToken)
    {
        try
        {
            await client.WaitForSessionAsync(cancellationToken).ConfigureAwait(false);

            // Says at once that a cluster is missing, and which ones there are.
            await ZKConnector.Over(client).GetClusterAsync(Name, cancellationToken).ConfigureAwait(false);
            await follower.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException unreachable) when (_options.SnapshotFile is not null
            && unreachable.Code is ZooKeeperErrorCode.ConnectionLoss or ZooKeeperErrorCode.SessionExpired or ZooKeeperErrorCode.OperationTimeout)
        {
            await StartFromSnapshotAsync(_options.SnapshotFile, follower, unreachable, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task StartFromSnapshotAsync(string file, ViewFollower follower, ZooKeeperException unreachable, CancellationToken cancellationToken)
    {
        ViewSnapshot snapshot;
        IRingBuilder builder;
        ClusterView view;
        try
        {
            snapshot = ViewSnapshotFile.Read(file, Name);
            builder = snapshot.Cluster.Options.CreateRingBuilder();
            view = snapshot.ToView(builder);
        }
        catch (RingKeeperException refused)
        {
            throw new RingKeeperException($"{unreachable.Message} {refused.Message}", new AggregateException(unreachable, refused));
        }

        // A clock that was set back makes no view younger than new.
        var age = _options.TimeProvider.GetUtcNow() - snapshot.ConfirmedAt;
        _confirmation.StartUnconfirmed(age > TimeSpan.Zero ? age : TimeSpan.Zero);
        await _host.ApplyAsync(view, cancellationToken).ConfigureAwait(false);
        Log.StartedFromSnapshot(_logger, Name, file, ViewAge.TotalSeconds, unreachable.Message);
        follower.StartFromSnapshot(builder);
    }

    private InvalidOperationException NoView() => Volatile.Read(ref _isDisposed)
        ? new ObjectDisposedException(nameof(ZKCluster))
        : new InvalidOperationException(
            $"Cluster '{Name}' is not connected yet. It connects when the host starts, before any StartAsync; without a host, call ConnectRingKeeperAsync() on the service provider first.");
}
