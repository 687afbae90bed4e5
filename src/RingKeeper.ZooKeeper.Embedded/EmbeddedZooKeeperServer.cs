using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper.Embedded.InProcess;
using RingKeeper.ZooKeeper.Session;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>
/// A single in-memory ZooKeeper server inside this process, for development and tests. It speaks the protocol of Apache
/// ZooKeeper 3.8 over TCP; nothing is kept on disk.
/// </summary>
public sealed partial class EmbeddedZooKeeperServer : IAsyncDisposable
{
    private readonly EmbeddedZooKeeperOptions _options;
    private readonly ServerClock _clock;
    private readonly SerialExecutor _executor;

    // Null when no socket is to be opened.
    private readonly Listener? _listener;
    private readonly ConcurrentDictionary<Connection, Task> _connections = new();
    private readonly SemaphoreSlim _lifecycle = new(1, 1);
    private readonly ITimer _ticker;

    // Held to add a connection for the present processor, and to swap that and drop them all: none may slip through in between.
    private readonly Lock _accepting = new();

    // Swapped by the executor when a restart wipes the data or a snapshot is restored.
    private volatile Database _database;
    private volatile RequestProcessor _processor;
    private volatile bool _isServing;
    private volatile bool _refuseConnections;
    private bool _isDisposed;
    private long _nextSweepMs;
    private int _tickIsQueued;

    private EmbeddedZooKeeperServer(EmbeddedZooKeeperOptions options)
    {
        _options = options;
        _listener = options.Listen ? new Listener(new IPEndPoint(options.Address, options.Port), options.Logger) : null;
        Faults = new ServerFaults(this, options.Logger);
        Transport = new InProcessTransport(() => Connect());
        _clock = new ServerClock(options.TimeProvider);
        _executor = new SerialExecutor(options.Logger);
        _database = new Database(_clock, options).WithMembers();
        _processor = new RequestProcessor(_database, options, Faults);
        _nextSweepMs = SweepMs;
        _ticker = options.TimeProvider.CreateTimer(_ => QueueTick(), null, options.TickTime, options.TickTime);
    }

    /// <summary>Gets the TCP port; it stays the same over stops and restarts.</summary>
    /// <exception cref="InvalidOperationException">The server does not listen.</exception>
    public int Port => (_listener ?? throw NotListening()).EndPoint.Port;

    /// <summary>
    /// Gets what a client connects to: <c>address:port</c>, an IPv6 address in brackets. For a server that does not listen, a name that only <see cref="Transport"/> reaches.
    /// </summary>
    public string ConnectString => _listener?.EndPoint.ToString() ?? "in-process:2181";

    /// <summary>
    /// Gets the way to this server inside the process, for the option <c>Transport</c> of a client. It leads here whatever the connect string says, opens no socket,
    /// and needs no time by the clock.
    /// </summary>
    public IZooKeeperTransport Transport { get; }

    /// <summary>Gets what can be made to go wrong.</summary>
    public ServerFaults Faults { get; }

    /// <summary>Gets the ids of the live sessions at this moment, connected or not.</summary>
    public IReadOnlyCollection<long> Sessions => _database.Sessions.Ids;

    /// <summary>Gets or sets whether new connections are accepted and closed at once without a word (default: false). Existing connections stay.</summary>
    public bool RefuseConnections
    {
        get => _refuseConnections;
        set => _refuseConnections = value;
    }

    /// <summary>Starts a server.</summary>
    /// <param name="options">The options, or null for the defaults: any free port of the loopback address.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <returns>The server, listening.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="FormatException">A member among the options cannot be read.</exception>
    /// <exception cref="SocketException">The port is taken or the address is not of this machine.</exception>
    public static async Task<EmbeddedZooKeeperServer> StartAsync(EmbeddedZooKeeperOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new EmbeddedZooKeeperOptions();
        EmbeddedZooKeeperOptions.Validate(options);
        cancellationToken.ThrowIfCancellationRequested();
        var server = new EmbeddedZooKeeperServer(options with { Logger = new ShieldedLogger(options.Logger) });
        try
        {
            server.Listen();
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops listening and cuts all connections. Data and sessions are kept, and no session expires meanwhile. Does nothing when stopped already.</summary>
    /// <returns>A task that completes when connecting is refused and nothing is served any more.</returns>
    public async Task StopAsync()
    {
        await _lifecycle.WaitAsync().ConfigureAwait(false);
        try
        {
            await HaltAsync(keepPort: true).ConfigureAwait(false);
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    /// <summary>Listens again on the same port, after a stop if it is running. The timers of the sessions start anew.</summary>
    /// <param name="keepData">
    /// Whether data and sessions live on. Otherwise the tree is empty, there is no session, and zxids begin anew: as with a wiped
    /// Apache ZooKeeper, a client that comes back having seen a higher zxid is turned away without an answer.
    /// </param>
    /// <returns>A task that completes when the server listens.</returns>
    /// <exception cref="ObjectDisposedException">The server was disposed of.</exception>
    public async Task RestartAsync(bool keepData = true)
    {
        await _lifecycle.WaitAsync().ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            await HaltAsync(keepPort: true).ConfigureAwait(false);
            await _executor.InvokeAsync(() => Reset(keepData)).ConfigureAwait(false);
            Listen();
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    /// <summary>Ends the server, its followers and all connections. May be called again.</summary>
    /// <returns>A task that completes when nothing is left.</returns>
    public async ValueTask DisposeAsync()
    {
        await _lifecycle.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_isDisposed)
            {
                return;
            }

            await _ticker.DisposeAsync().ConfigureAwait(false);
            await HaltAsync(keepPort: false).ConfigureAwait(false);
            await _executor.DisposeAsync().ConfigureAwait(false);
            foreach (var listener in Listeners())
            {
                listener.Dispose();
            }

            _isDisposed = true;
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    private long SweepMs => (long)_options.ContainerCheckInterval.TotalMilliseconds;

    private void Listen()
    {
        // At once open to connections: a client may be told of the port before this method ends.
        _isServing = true;
        _listener?.Start(socket => Accept(socket, follower: null));
        foreach (var follower in _followers)
        {
            follower.Listener?.Start(socket => Accept(socket, follower));
        }
    }

    internal static InvalidOperationException NotListening() =>
        new("This embedded ZooKeeper server does not listen (Listen = false): it has no port. Connect by its Transport.");

    private IEnumerable<Listener> Listeners() =>
        _followers.Select(follower => follower.Listener).Prepend(_listener).OfType<Listener>();

    private async Task HaltAsync(bool keepPort)
    {
        if (!_isServing)
        {
            return;
        }

        foreach (var listener in Listeners())
        {
            await listener.StopAsync(keepPort).ConfigureAwait(false);
        }

        lock (_accepting)
        {
            _isServing = false;
        }

        var serving = _connections.ToArray();
        await DropAllConnectionsAsync().ConfigureAwait(false);
        foreach (var (connection, _) in serving)
        {
            // Those that linger to send their last answer too: their time to do so may never come by a clock that stands still.
            connection.Abort();
        }

        await Task.WhenAll(serving.Select(pair => pair.Value)).ConfigureAwait(false);
        _options.Logger.Stopped(ConnectString);
    }

    private void Reset(bool keepData)
    {
        if (keepData)
        {
            _database.Sessions.TouchAll();
            return;
        }

        Swap(new Database(_clock, _options).WithMembers());
    }
}
