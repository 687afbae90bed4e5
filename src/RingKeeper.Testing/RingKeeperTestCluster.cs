using RingKeeper.ZooKeeper.Embedded;
using StackExchange.Redis;

namespace RingKeeper.Testing;

/// <summary>
/// A whole cluster in this process: embedded ZooKeeper, Garnet shards, checkers. Everything listens on loopback, on ports of its own,
/// and is gone with the process. For tests and a first try.
/// </summary>
/// <example><code>
/// await using var test = await RingKeeperTestCluster.StartAsync();
/// await using var cluster = await test.ConnectAsync();
/// await test.KillShardAsync("shard1");
/// </code></example>
public sealed partial class RingKeeperTestCluster : IAsyncDisposable
{
    private readonly RingKeeperTestClusterOptions _options;
    private readonly string? _externalServers;
    private readonly Func<int, Task<ITestShardServer>> _startShard;
    private readonly Action<ConfigurationOptions>? _configureRedis;
    private readonly Dictionary<string, ITestShardServer> _shards = new(StringComparer.Ordinal);
    private readonly List<ZKChecker?> _checkers = [];
    private EmbeddedZooKeeperServer? _zooKeeper;
    private ZKManager? _manager;
    private int _started;

    private RingKeeperTestCluster(RingKeeperTestClusterOptions options, string? externalServers, Func<int, Task<ITestShardServer>> startShard, Action<ConfigurationOptions>? configureRedis)
    {
        _options = options;
        _externalServers = externalServers;
        _startShard = startShard;
        _configureRedis = configureRedis;
    }

    /// <summary>Gets the cluster's name.</summary>
    public string Name => _options.ClusterName;

    /// <summary>Gets the ZooKeeper servers, for <see cref="ZKConnectorOptions.ZKServers"/>.</summary>
    public string ZKServers => _externalServers ?? _zooKeeper!.ConnectString;

    /// <summary>Gets the embedded ZooKeeper server, with its fault controls.</summary>
    public EmbeddedZooKeeperServer ZooKeeper => _zooKeeper ?? throw new InvalidOperationException("This cluster runs on a ZooKeeper server of yours.");

    /// <summary>Gets a manager of the clusters on this ZooKeeper.</summary>
    public ZKManager Manager => _manager!;

    /// <summary>Gets the checkers that are running.</summary>
    public IReadOnlyList<ZKChecker> Checkers => [.. _checkers.OfType<ZKChecker>()];

    /// <summary>Starts everything; returns once the checkers have found every shard alive.</summary>
    /// <param name="options">The options (default: three shards, three checkers).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The cluster; dispose it.</returns>
    /// <exception cref="RingKeeperException">The shards were not found alive within <see cref="RingKeeperTestClusterOptions.StartTimeout"/>.</exception>
    public static Task<RingKeeperTestCluster> StartAsync(RingKeeperTestClusterOptions? options = null, CancellationToken cancellationToken = default) =>
        StartAsync(options ?? new RingKeeperTestClusterOptions(), null, _ => Task.FromResult<ITestShardServer>(GarnetShard.Start()), null, cancellationToken);

    /// <summary>Connects a client with a session of its own.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The client; dispose it.</returns>
    public Task<ZKCluster> ConnectAsync(CancellationToken cancellationToken = default) =>
        ZKCluster.ConnectAsync(ConnectorOptions(), Name, new ClusterOptions { ConfigureRedis = _configureRedis }, cancellationToken);

    /// <summary>Gets the address of a shard's server.</summary>
    /// <param name="name">The shard's name.</param>
    /// <returns>The address.</returns>
    /// <exception cref="ArgumentException">There is no such shard.</exception>
    public string AddressOf(string name) => Server(name).Addr;

    /// <summary>Kills a shard's server: its connections break, new ones are refused, and what it held is lost.</summary>
    /// <param name="name">The shard's name.</param>
    /// <returns>When it is down.</returns>
    /// <exception cref="ArgumentException">There is no such shard.</exception>
    public Task KillShardAsync(string name) => Server(name).KillAsync();

    /// <summary>Starts a killed shard's server again, empty, at the same address.</summary>
    /// <param name="name">The shard's name.</param>
    /// <returns>When it listens.</returns>
    /// <exception cref="ArgumentException">There is no such shard.</exception>
    public Task RestartShardAsync(string name) => Server(name).RestartAsync();

    /// <summary>Cuts a shard off the network: its connections break, new ones are refused, and it keeps what it holds.</summary>
    /// <param name="name">The shard's name.</param>
    /// <returns>When it is cut off.</returns>
    /// <exception cref="ArgumentException">There is no such shard.</exception>
    public Task CutOffShardAsync(string name) => Server(name).CutOffAsync();

    /// <summary>Puts a shard back on the network.</summary>
    /// <param name="name">The shard's name.</param>
    /// <returns>When it can be reached.</returns>
    /// <exception cref="ArgumentException">There is no such shard.</exception>
    public Task ReconnectShardAsync(string name) => Server(name).ReconnectAsync();

    /// <summary>Lets a shard hang: its connections stay, and nothing is answered.</summary>
    /// <param name="name">The shard's name.</param>
    /// <exception cref="ArgumentException">There is no such shard.</exception>
    public void HangShard(string name) => Server(name).Hang();

    /// <summary>
    /// Makes a shard slow: what it answers comes so much later, and up to twice that under load, as over a slow line. <see cref="ResumeShard"/>, a restart and a reconnect
    /// end it.
    /// </summary>
    /// <param name="name">The shard's name.</param>
    /// <param name="delay">How much later. Below the checkers' threshold and above the clients' timeout for a command, the shard stays alive and clients fail.</param>
    /// <exception cref="ArgumentException">There is no such shard.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative or above 24 days.</exception>
    public void SlowShard(string name, TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delay, TimeSpan.FromDays(24));
        Server(name).Slow(delay);
    }

    /// <summary>Lets a hung or slow shard answer as usual, first what it was asked meanwhile.</summary>
    /// <param name="name">The shard's name.</param>
    /// <exception cref="ArgumentException">There is no such shard.</exception>
    public void ResumeShard(string name) => Server(name).Resume();

    /// <summary>Starts a new shard's server and adds it to the cluster, live.</summary>
    /// <param name="name">The new shard's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The shard.</returns>
    /// <exception cref="RingKeeperException">There is a shard of that name, or the cluster was changed by somebody else meanwhile.</exception>
    public async Task<Shard> AddShardAsync(string name, CancellationToken cancellationToken = default)
    {
        var shard = await StartShardAsync(name).ConfigureAwait(false);
        var cluster = await Manager.GetClusterAsync(Name, cancellationToken).ConfigureAwait(false);
        await Manager.UpdateClusterAsync(cluster with { Shards = [.. cluster.Shards, shard] }, cancellationToken).ConfigureAwait(false);
        return shard;
    }

    /// <summary>Removes a shard from the cluster, live; its server goes on running.</summary>
    /// <param name="name">The shard's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When the change is written.</returns>
    /// <exception cref="ArgumentException">There is no such shard.</exception>
    /// <exception cref="RingKeeperException">It is the last shard, or the cluster was changed by somebody else meanwhile.</exception>
    public async Task RemoveShardAsync(string name, CancellationToken cancellationToken = default)
    {
        Server(name);
        var cluster = await Manager.GetClusterAsync(Name, cancellationToken).ConfigureAwait(false);
        await Manager.UpdateClusterAsync(cluster with { Shards = [.. cluster.Shards.Where(s => s.Name != name)] }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Kills a checker as a crash would: its session is left to expire.</summary>
    /// <param name="index">Which one, in the order of their start.</param>
    /// <returns>When it is gone.</returns>
    public async Task KillCheckerAsync(int index)
    {
        if (_checkers[index] is { } checker)
        {
            _checkers[index] = null;
            await checker.KillAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Starts a killed checker again.</summary>
    /// <param name="index">Which one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When it is started.</returns>
    public async Task RestartCheckerAsync(int index, CancellationToken cancellationToken = default) =>
        _checkers[index] ??= await StartCheckerAsync(index, cancellationToken).ConfigureAwait(false);

    /// <summary>Stops everything.</summary>
    /// <returns>When all is stopped.</returns>
    public async ValueTask DisposeAsync()
    {
        // Whoever closes a session waits for ZooKeeper's answer.
        await EndOutageAsync().ConfigureAwait(false);
        foreach (var checker in Checkers)
        {
            await checker.DisposeAsync().ConfigureAwait(false);
        }

        if (_manager is not null)
        {
            await _manager.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var shard in _shards.Values)
        {
            await shard.DisposeAsync().ConfigureAwait(false);
        }

        if (_zooKeeper is not null)
        {
            await _zooKeeper.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Starts the cluster on other servers than the embedded pair.</summary>
    internal static async Task<RingKeeperTestCluster> StartAsync(
        RingKeeperTestClusterOptions options, string? externalServers, Func<int, Task<ITestShardServer>> startShard, Action<ConfigurationOptions>? configureRedis, CancellationToken cancellationToken)
    {
        var cluster = new RingKeeperTestCluster(options, externalServers, startShard, configureRedis);
        try
        {
            await cluster.StartAsync(cancellationToken).ConfigureAwait(false);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_externalServers is null)
        {
            _zooKeeper = await EmbeddedZooKeeperServer.StartAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        var shards = new List<Shard>();
        for (var i = 1; i <= _options.ShardCount; i++)
        {
            shards.Add(await StartShardAsync($"shard{i}").ConfigureAwait(false));
        }

        _manager = await ZKManager.ConnectAsync(ConnectorOptions(), cancellationToken).ConfigureAwait(false);
        var clusterOptions = _options.ClusterOptions ?? new ZKClusterOptions { ExpectedCheckers = _options.CheckerCount };
        await _manager.CreateClusterAsync(Name, shards, clusterOptions, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < _options.CheckerCount; i++)
        {
            _checkers.Add(await StartCheckerAsync(i, cancellationToken).ConfigureAwait(false));
        }

        if (_options.CheckerCount > 0)
        {
            await WaitUntilAliveAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task WaitUntilAliveAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(_options.StartTimeout, TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var probe = await ConnectAsync(limit.Token).ConfigureAwait(false);
        await using var lease = probe.ConfigureAwait(false);
        try
        {
            await WaitForAsync(probe, view => Enumerable.Range(0, view.Ring.Shards.Count).All(i => view.StatusOf(i) is { Alive: true }), limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RingKeeperException($"Not every shard was found alive within {_options.StartTimeout}: {Describe(probe.View)}.");
        }
    }

    private async Task<Shard> StartShardAsync(string name)
    {
        if (_shards.ContainsKey(name))
        {
            throw new RingKeeperException($"There is a shard '{name}' already.");
        }

        var server = await _startShard(_started++).ConfigureAwait(false);
        _shards.Add(name, server);
        return new Shard(name, server.Addr);
    }

    private async Task<ZKChecker> StartCheckerAsync(int index, CancellationToken cancellationToken)
    {
        var connector = ConnectorOptions();
        var checker = await ZKChecker.ConnectAsync(
            new ZKCheckerOptions
            {
                ZKServers = connector.ZKServers,
                ZKTimeout = connector.ZKTimeout,
                DigestCredentials = connector.DigestCredentials,
                Tls = connector.Tls,
                Sasl = connector.Sasl,
                LoggerFactory = connector.LoggerFactory,
                ClusterName = Name,
                CheckerId = $"checker{index + 1}",
                Interval = _options.Interval,
                Threshold = _options.Threshold,
                ConfigureRedis = _configureRedis,
            },
            cancellationToken).ConfigureAwait(false);
        await checker.StartAsync(cancellationToken).ConfigureAwait(false);
        return checker;
    }

    private ZKConnectorOptions ConnectorOptions() => new()
    {
        ZKServers = ZKServers,
        ZKTimeout = _options.SessionTimeout,
        DigestCredentials = _options.DigestCredentials,
        Tls = _options.Tls,
        Sasl = _options.Sasl,
        LoggerFactory = _options.LoggerFactory,
    };

    private ITestShardServer Server(string name) =>
        _shards.TryGetValue(name, out var server)
            ? server
            : throw new ArgumentException($"There is no shard '{name}'; there are: {string.Join(", ", _shards.Keys)}.", nameof(name));
}
