using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>
/// Probes the shards of a cluster, votes in ZooKeeper and, when it is first in line, publishes what a strict majority says. Run at least
/// three, on different machines. Goes on through outages and lost sessions until it is stopped. Safe for concurrent use.
/// </summary>
public sealed class ZKChecker : IAsyncDisposable
{
    private readonly ZKCheckerOptions _options;
    private readonly bool _ownsClient;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Run? _run;
    private bool _disposed;

    private ZKChecker(ZooKeeperClient client, bool ownsClient, ZKCheckerOptions options)
    {
        Client = client;
        _ownsClient = ownsClient;
        _options = options;
        _logger = options.LoggerFactory.CreateLogger("RingKeeper.Checker");
    }

    /// <summary>Gets whether this checker leads: it is first in line and has counted.</summary>
    public bool IsLeading => _run is { } run && run.Loop.IsLeading;

    /// <summary>Gets the state of the ZooKeeper session.</summary>
    public SessionSnapshot Session => Client.Session;

    /// <summary>Gets how this checker is doing now.</summary>
    public ZKCheckerHealth Health => _run is not { } run
        ? new ZKCheckerHealth { CheckerId = _options.CheckerId, Session = Client.Session.State }
        : run.Loop.Health with { IsRunning = !run.Running.IsCompleted, IsFaulted = run.Running.IsFaulted };

    /// <summary>Completes if the checker ends by a fault instead of by <see cref="StopAsync"/>; it then fails with the cause.</summary>
    public Task Completion => _run?.Running ?? Task.CompletedTask;

    internal ZooKeeperClient Client { get; }

    internal string? Node => _run?.Loop.Node;

    /// <summary>Connects a checker with a ZooKeeper session of its own; start it with <see cref="StartAsync"/>.</summary>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The checker; dispose it.</returns>
    /// <exception cref="RingKeeperException">There is no such cluster, or an option is not allowed.</exception>
    /// <exception cref="ZooKeeperException">ZooKeeper could not be reached.</exception>
    public static async Task<ZKChecker> ConnectAsync(ZKCheckerOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var client = await ZooKeeperClient.ConnectAsync(options.ToClientOptions(), cancellationToken).ConfigureAwait(false);
        try
        {
            return await ConnectAsync(client, ownsClient: true, options, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Makes a checker over a ZooKeeper client that is running already; the client stays the caller's. One checker a cluster and session.</summary>
    /// <param name="client">The ZooKeeper client; the options' own connection settings are not used.</param>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The checker; dispose it.</returns>
    /// <exception cref="RingKeeperException">There is no such cluster, or an option is not allowed.</exception>
    /// <exception cref="ZooKeeperException">ZooKeeper refused or could not be reached.</exception>
    public static Task<ZKChecker> ConnectAsync(ZooKeeperClient client, ZKCheckerOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        return ConnectAsync(client, ownsClient: false, options, cancellationToken);
    }

    /// <summary>Starts probing and voting; does nothing if it is running, and begins anew if it ended by a fault.</summary>
    /// <param name="cancellationToken">Gives up waiting for an earlier stop.</param>
    /// <returns>When it is started; its first vote follows with the first answers.</returns>
    /// <exception cref="ObjectDisposedException">The checker is disposed.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_run is { Running.IsCompleted: true } ended)
            {
                _run = null;
                await ended.EndAsync(Client, _logger, _options, cancellationToken).ConfigureAwait(false);
            }

            _run ??= Run.Begin(Client, _options, _logger);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Stops probing and withdraws the vote and the place in line; does nothing if it is not running. It may be started again.</summary>
    /// <param name="cancellationToken">Gives up withdrawing; the vote then goes with the session.</param>
    /// <returns>When it is stopped.</returns>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_run is { } run)
            {
                _run = null;
                await run.EndAsync(Client, _logger, _options, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Stops, and closes the session if this checker opened it.</summary>
    /// <returns>When all is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        await StopAsync().ConfigureAwait(false);
        _disposed = true;
        if (_ownsClient)
        {
            await Client.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends as a killed process would: the session is left to expire.</summary>
    internal async Task KillAsync()
    {
        _disposed = true;
        Client.Abort();
        if (Interlocked.Exchange(ref _run, null) is { } run)
        {
            await run.AbandonAsync().ConfigureAwait(false);
        }
    }

    private static async Task<ZKChecker> ConnectAsync(ZooKeeperClient client, bool ownsClient, ZKCheckerOptions options, CancellationToken cancellationToken)
    {
        ToLocalOptions(options, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance).Validate();
        options.Validate();
        await ZKConnector.Over(client).GetClusterAsync(options.ClusterName, cancellationToken).ConfigureAwait(false);

        // One id for all runs of this checker.
        return new ZKChecker(client, ownsClient, options with { CheckerId = options.CheckerId ?? CheckerIdentity.Make(Environment.MachineName, options.Random) });
    }

    private static LocalCheckerOptions ToLocalOptions(ZKCheckerOptions options, ILogger logger) => new()
    {
        Interval = options.Interval,
        Threshold = options.Threshold,
        WorkerCount = options.WorkerCount,
        ConfigureRedis = options.ConfigureRedis,
        CreateProbe = options.CreateProbe,
        TimeProvider = options.TimeProvider,
        Random = options.Random,
        Logger = logger,
    };

    /// <summary>One run from start to stop.</summary>
    private sealed record Run(CheckerLoop Loop, LocalChecker Local, CancellationTokenSource Stop, Task Running)
    {
        private static readonly TimeSpan WithdrawTimeout = TimeSpan.FromSeconds(2);

        public static Run Begin(ZooKeeperClient client, ZKCheckerOptions options, ILogger logger)
        {
            var local = new LocalChecker(ToLocalOptions(options, logger));
            var loop = new CheckerLoop(client, options, local, logger);
            var stop = new CancellationTokenSource();
            return new Run(loop, local, stop, Task.Run(() => RunAsync(loop, client, logger, options, stop.Token)));
        }

        private static async Task RunAsync(CheckerLoop loop, ZooKeeperClient client, ILogger logger, ZKCheckerOptions options, CancellationToken cancellationToken)
        {
            try
            {
                await loop.RunAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
            {
                // A vote that nobody keeps up must not stand, least of all first in line.
                Log.CheckerEnded(logger, options.ClusterName, fault);
                await WithdrawAsync(loop, client, logger, options, CancellationToken.None).ConfigureAwait(false);
                throw;
            }
        }

        private static async Task WithdrawAsync(CheckerLoop loop, ZooKeeperClient client, ILogger logger, ZKCheckerOptions options, CancellationToken cancellationToken)
        {
            if (client.Session.State != SessionState.Connected)
            {
                return;
            }

            using var patience = new CancellationTokenSource(WithdrawTimeout, options.TimeProvider);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            try
            {
                await loop.WithdrawAsync(limit.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ZooKeeperException or OperationCanceledException or ObjectDisposedException)
            {
                Log.CheckerWaits(logger, options.ClusterName, $"the vote could not be withdrawn and goes with the session: {e.Message}");
            }
        }

        public async Task EndAsync(ZooKeeperClient client, ILogger logger, ZKCheckerOptions options, CancellationToken cancellationToken)
        {
            await AbandonAsync().ConfigureAwait(false);
            await WithdrawAsync(Loop, client, logger, options, cancellationToken).ConfigureAwait(false);
        }

        public async Task AbandonAsync()
        {
            await Stop.CancelAsync().ConfigureAwait(false);
            await Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Local.DisposeAsync().ConfigureAwait(false);
            Stop.Dispose();
        }
    }
}
