using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// A cluster put together from its parts, without ZooKeeper: a list of shards, a ring, and a health checker of this process alone.
/// Its statuses and their times are this process's own; other processes may see other ones.
/// </summary>
public sealed class Cluster : IConnector, IShardDoors
{
    private readonly ClusterOptions _options;
    private readonly INodeReader _nodeReader;
    private readonly IRingBuilder _ringBuilder;
    private readonly IHealthChecker _healthChecker;
    private readonly ViewHost _host;
    private readonly RoutedFaces _faces;
    private readonly CancellationTokenSource _stop = new();

    // Guards the step from the present view to the next.
    private readonly SemaphoreSlim _changing = new(1, 1);
    private Task _following = Task.CompletedTask;
    private int _disposed;

    private Cluster(ClusterOptions options, INodeReader nodeReader, IRingBuilder ringBuilder, IHealthChecker healthChecker, ViewHost host)
    {
        _options = options;
        _nodeReader = nodeReader;
        _ringBuilder = ringBuilder;
        _healthChecker = healthChecker;
        _host = host;
        _faces = new RoutedFaces(host);
    }

    /// <summary>Reads the shards, builds the ring, connects, and starts to follow the checker.</summary>
    /// <param name="options">The options.</param>
    /// <param name="nodeReader">Reads the list of shards.</param>
    /// <param name="ringBuilder">Builds the ring, see <see cref="RingTypes"/>.</param>
    /// <param name="healthChecker">Finds out which shards are alive, usually a <see cref="LocalChecker"/>. The cluster disposes it, once this call has succeeded.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The cluster.</returns>
    /// <exception cref="RingKeeperException">An option is out of range, or no ring can be built from the shards.</exception>
    public static Task<Cluster> ConnectAsync(
        ClusterOptions options,
        INodeReader nodeReader,
        IRingBuilder ringBuilder,
        IHealthChecker healthChecker,
        CancellationToken cancellationToken = default) =>
        ConnectAsync(options, nodeReader, ringBuilder, healthChecker, new ViewHost(options), cancellationToken);

    internal static async Task<Cluster> ConnectAsync(
        ClusterOptions options,
        INodeReader nodeReader,
        IRingBuilder ringBuilder,
        IHealthChecker healthChecker,
        ViewHost host,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(nodeReader);
        ArgumentNullException.ThrowIfNull(ringBuilder);
        ArgumentNullException.ThrowIfNull(healthChecker);
        var cluster = new Cluster(options, nodeReader, ringBuilder, healthChecker, host);
        try
        {
            await cluster.ReloadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await cluster._host.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        cluster._following = cluster.FollowAsync();
        return cluster;
    }

    /// <summary>What the cluster looks like now.</summary>
    public ClusterView View => _host.View ?? throw new ObjectDisposedException(nameof(Cluster));

    Task IRouteSource.RoutesChanged => _host.RoutesChanged;

    TimeProvider IRouteSource.Time => _options.TimeProvider;

    IReadOnlyList<ShardDoor>? IShardDoors.Doors => _host.Doors;

    /// <summary>Yields the present view, then each that takes its place; a slow reader gets the latest. Ends on disposal.</summary>
    /// <param name="cancellationToken">Ends the feed.</param>
    /// <returns>The feed.</returns>
    public IAsyncEnumerable<ClusterView> WatchViewsAsync(CancellationToken cancellationToken = default) => _host.WatchViewsAsync(cancellationToken);

    /// <summary>Reads the shards again and swaps ring and connections as one; connections to shards that stay are kept.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The swap.</returns>
    /// <exception cref="RingKeeperException">No ring can be built from the shards; the present one stays.</exception>
    public async Task ReloadAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        var shards = await _nodeReader.ReadNodesAsync(cancellationToken).ConfigureAwait(false);
        var ring = _ringBuilder.Build(shards);
        await ChangeAsync(view => FollowingView(view, ring), cancellationToken).ConfigureAwait(false);
        _healthChecker.SetShards(ring.Shards);
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

    /// <summary>Stops the checker and closes the connections. Safe to call again.</summary>
    /// <returns>The close.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(false);
        await _healthChecker.DisposeAsync().ConfigureAwait(false);
        await _host.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    // The first topology ages nothing; a later one ages every copy written before it.
    private ClusterView FollowingView(ClusterView? view, HashRing ring)
    {
        if (view is null)
        {
            return new ClusterView(ring, _options.FailoverEnabled, 0, 0, 0, new Dictionary<string, ShardStatus>(StringComparer.Ordinal));
        }

        var now = (_options.TimeProvider.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var largest = view.Statuses.Values.Select(static status => status.Since).Append(view.TopologyStamp).Max();
        return view.WithTopology(ring, _options.FailoverEnabled, view.TopologyVersion + 1, Math.Max(now, largest + 1));
    }

    private async Task FollowAsync()
    {
        try
        {
            await foreach (var status in _healthChecker.WatchAsync(_stop.Token).ConfigureAwait(false))
            {
                await ChangeAsync(view => WithStatus(view!, status), _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
        catch (Exception exception)
        {
            ShardsLog.StatusFeedFailed(_options.Logger, "", exception);
        }
    }

    private static ClusterView WithStatus(ClusterView view, ShardStatus status)
    {
        var statuses = new Dictionary<string, ShardStatus>(view.Statuses, StringComparer.Ordinal) { [status.Addr] = status };
        return view.WithStatuses(view.StatusVersion + 1, statuses);
    }

    private async Task ChangeAsync(Func<ClusterView?, ClusterView> next, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _host.ApplyAsync(next(_host.View), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }
}
