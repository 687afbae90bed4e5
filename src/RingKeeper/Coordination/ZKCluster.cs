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
public sealed class ZKCluster : IConnector, INodeReader, IRingBuilder, IHealthChecker
{
    private readonly ZooKeeperClient _client;
    private readonly bool _ownsClient;
    private readonly ViewHost _host;
    private readonly RoutedDatabases _databases;
    private readonly ViewFollower _follower;
    private int _disposed;

    private ZKCluster(ZooKeeperClient client, bool ownsClient, string name, ViewHost host, ViewFollower follower)
    {
        _client = client;
        _ownsClient = ownsClient;
        Name = name;
        _host = host;
        _databases = new RoutedDatabases(host);
        _follower = follower;
    }

    /// <summary>Gets the cluster's name.</summary>
    public string Name { get; }

    /// <summary>Gets what this client knows of the cluster now; immutable.</summary>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public ClusterView View => _host.View ?? throw new ObjectDisposedException(nameof(ZKCluster));

    /// <summary>Gets the state of the ZooKeeper session.</summary>
    public SessionSnapshot Session => _client.Session;

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
    /// <exception cref="RingKeeperException">There is no such cluster, or its znodes cannot be read.</exception>
    /// <exception cref="ZooKeeperException">ZooKeeper could not be reached.</exception>
    public static async Task<ZKCluster> ConnectAsync(ZKConnectorOptions connection, string clusterName, ClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var client = await ZooKeeperClient.ConnectAsync(connection.ToClientOptions(), cancellationToken).ConfigureAwait(false);
        try
        {
            return await ConnectAsync(client, ownsClient: true, clusterName, options ?? new ClusterOptions { TimeProvider = connection.TimeProvider }, connection, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Connects to a cluster over a ZooKeeper client that is running already; the client stays the caller's.</summary>
    /// <param name="client">The ZooKeeper client.</param>
    /// <param name="clusterName">The cluster's name.</param>
    /// <param name="options">How to connect to the shards and how long to wait (default: all defaults).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The client; dispose it.</returns>
    /// <exception cref="RingKeeperException">There is no such cluster, or its znodes cannot be read.</exception>
    /// <exception cref="ZooKeeperException">ZooKeeper refused or could not be reached.</exception>
    public static Task<ZKCluster> ConnectAsync(ZooKeeperClient client, string clusterName, ClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return ConnectAsync(client, ownsClient: false, clusterName, options ?? new ClusterOptions(), null, cancellationToken);
    }

    /// <inheritdoc/>
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
    public IDatabase GetDatabase(RoutePolicy policy = RoutePolicy.Failover) => _databases.Get(policy);

    /// <summary>Finds the shard that serves a key now, without waiting.</summary>
    /// <param name="key">The key's bytes.</param>
    /// <param name="policy">How far the key may move from its owner.</param>
    /// <param name="route">The route.</param>
    /// <returns>Whether a shard serves the key.</returns>
    public bool TryRoute(ReadOnlySpan<byte> key, RoutePolicy policy, out ShardRoute route) => _host.TryRoute(key, policy, out route);

    /// <summary>Gives the present view, then each that replaces it; a slow reader gets the latest.</summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <returns>The views.</returns>
    public IAsyncEnumerable<ClusterView> WatchViewsAsync(CancellationToken cancellationToken = default) => _host.WatchViewsAsync(cancellationToken);

    /// <summary>Closes the connections to the shards, and the ZooKeeper session if this client opened it.</summary>
    /// <returns>When all is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _follower.DisposeAsync().ConfigureAwait(false);
        await _host.DisposeAsync().ConfigureAwait(false);
        if (_ownsClient)
        {
            await _client.DisposeAsync().ConfigureAwait(false);
        }
    }

    ValueTask<IReadOnlyList<Shard>> INodeReader.ReadNodesAsync(CancellationToken cancellationToken) => new(View.Ring.Shards);

    HashRing IRingBuilder.Build(IReadOnlyList<Shard> shards) => _follower.RingBuilder.Build(shards);

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
        // Says at once that a cluster is missing, and which ones there are.
        await ZKConnector.Over(client).GetClusterAsync(name, cancellationToken).ConfigureAwait(false);
        var logger = connection?.LoggerFactory.CreateLogger("RingKeeper.Cluster") ?? options.Logger;
        var host = new ViewHost(options, name);
        var follower = new ViewFollower(client, name, host, options.TimeProvider, connection?.Random ?? new Random(), logger);
        try
        {
            await follower.StartAsync(cancellationToken).ConfigureAwait(false);
            return new ZKCluster(client, ownsClient, name, host, follower);
        }
        catch
        {
            await follower.DisposeAsync().ConfigureAwait(false);
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
