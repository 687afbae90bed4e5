using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper.Session;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>
/// A single in-memory ZooKeeper server inside this process, for development and tests. It speaks the protocol of Apache
/// ZooKeeper 3.8 over TCP; nothing is kept on disk.
/// </summary>
public sealed class EmbeddedZooKeeperServer : IAsyncDisposable, IConnectionHandler
{
    private const long ContainerCheckMs = 60_000;

    private readonly EmbeddedZooKeeperOptions _options;
    private readonly ServerClock _clock;
    private readonly SerialExecutor _executor;
    private readonly Listener _listener;
    private readonly ConcurrentDictionary<Connection, Task> _connections = new();
    private readonly SemaphoreSlim _lifecycle = new(1, 1);
    private readonly ITimer _ticker;

    // Swapped by the executor when a restart wipes the data.
    private volatile Database _database;
    private RequestProcessor _processor;
    private volatile bool _isListening;
    private volatile bool _refuseConnections;
    private bool _isDisposed;
    private long _nextContainerCheckMs = ContainerCheckMs;
    private int _tickIsQueued;

    private EmbeddedZooKeeperServer(EmbeddedZooKeeperOptions options)
    {
        _options = options;
        _listener = new Listener(new IPEndPoint(options.Address, options.Port), options.Logger);
        _clock = new ServerClock(options.TimeProvider);
        _executor = new SerialExecutor(options.Logger);
        _database = new Database(_clock, options);
        _processor = new RequestProcessor(_database, options.Logger);
        _ticker = options.TimeProvider.CreateTimer(_ => QueueTick(), null, options.TickTime, options.TickTime);
    }

    /// <summary>Gets the TCP port; it stays the same over stops and restarts.</summary>
    public int Port => _listener.EndPoint.Port;

    /// <summary>Gets what a client connects to: <c>address:port</c>, an IPv6 address in brackets.</summary>
    public string ConnectString => _listener.EndPoint.ToString();

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

    /// <summary>Cuts the TCP connection of a session; the session stays. Does nothing when it has none at the moment.</summary>
    /// <param name="sessionId">The session.</param>
    /// <returns>A task that completes when the connection is cut.</returns>
    public Task DropConnectionAsync(long sessionId) => _executor.InvokeAsync(() =>
    {
        if (_database.Sessions.TryGet(sessionId, out var session) && session.Connection is { } connection)
        {
            _processor.Drop(connection);
        }
    });

    /// <summary>Cuts all TCP connections; the sessions stay.</summary>
    /// <returns>A task that completes when the connections are cut.</returns>
    public Task DropAllConnectionsAsync() => _executor.InvokeAsync(() =>
    {
        // A detached connection may be disposed of already.
        foreach (var connection in _connections.Keys.Where(connection => !connection.IsDetached))
        {
            _processor.Drop(connection);
        }
    });

    /// <summary>Ends a session as if its timeout had passed: its ephemeral znodes go and its connection is cut without a word. Does nothing when it is over already.</summary>
    /// <param name="sessionId">The session.</param>
    /// <returns>A task that completes when the session is over.</returns>
    public Task ExpireSessionAsync(long sessionId) => _executor.InvokeAsync(() =>
    {
        if (_database.Sessions.TryGet(sessionId, out var session))
        {
            _processor.Expire(session);
        }
    });

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

    /// <inheritdoc/>
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
            _listener.Dispose();
            _isDisposed = true;
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    ValueTask IConnectionHandler.ReceivedAsync(Connection connection, byte[] frame)
    {
        // The time of arrival counts, not the time of execution.
        if (connection.Session is { } session)
        {
            _database.Sessions.Touch(session);
        }

        return _executor.PostAsync(() => Process(connection, frame));
    }

    ValueTask IConnectionHandler.ReceivedWordAsync(Connection connection, string word) => _executor.PostAsync(() =>
        connection.Send(Encoding.ASCII.GetBytes(FourLetterWords.Answer(word, Measure()))));

    Task IConnectionHandler.DisconnectedAsync(Connection connection) => _executor.InvokeAsync(() =>
    {
        _processor.Detach(connection);
        connection.CloseAfterFlush();
    });

    private void Process(Connection connection, byte[] frame)
    {
        try
        {
            _processor.Process(connection, frame);
        }
        catch
        {
            // A client that waits for an answer that cannot come is better off without this connection.
            _processor.Drop(connection);
            throw;
        }
    }

    private void Listen()
    {
        _listener.Start(Accept);
        _isListening = true;
    }

    private void Accept(Socket socket)
    {
        if (_refuseConnections)
        {
            socket.Dispose();
            return;
        }

        var connection = Connection.TryOpen(socket, _options);
        if (connection is null)
        {
            return;
        }

        // The gate keeps the connection from removing itself before it was added.
        var added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[connection] = ServeAsync(connection, added.Task);
        added.SetResult();
    }

    private async Task ServeAsync(Connection connection, Task added)
    {
        await added.ConfigureAwait(false);
        try
        {
            await connection.RunAsync(this).ConfigureAwait(false);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            connection.Dispose();
        }
    }

    private async Task HaltAsync(bool keepPort)
    {
        if (!_isListening)
        {
            return;
        }

        await _listener.StopAsync(keepPort).ConfigureAwait(false);
        var serving = _connections.ToArray();
        await DropAllConnectionsAsync().ConfigureAwait(false);
        foreach (var (connection, _) in serving)
        {
            // Those that linger to send their last answer too: their time to do so may never come by a clock that stands still.
            connection.Abort();
        }

        await Task.WhenAll(serving.Select(pair => pair.Value)).ConfigureAwait(false);
        _isListening = false;
        _options.Logger.Stopped(Port);
    }

    private void Reset(bool keepData)
    {
        if (keepData)
        {
            _database.Sessions.TouchAll();
            return;
        }

        _database = new Database(_clock, _options);
        _processor = new RequestProcessor(_database, _options.Logger);
    }

    private void QueueTick()
    {
        // One tick in the queue is enough: it looks at the clock when it runs.
        if (Interlocked.Exchange(ref _tickIsQueued, 1) == 0 && !_executor.TryPost(Tick))
        {
            Volatile.Write(ref _tickIsQueued, 0);
        }
    }

    private void Tick()
    {
        Volatile.Write(ref _tickIsQueued, 0);
        if (!_isListening)
        {
            return;
        }

        _processor.ExpireDue();
        if (_clock.ElapsedMs >= _nextContainerCheckMs)
        {
            _nextContainerCheckMs = _clock.ElapsedMs + ContainerCheckMs;
            _database.SweepContainers();
        }
    }

    private ServerStatistics Measure() => new(
        _processor.Received,
        _connections.Count,
        _database.Zxid,
        _database.Tree.Count,
        _database.Watches.Count,
        _database.Tree.EphemeralCount,
        _database.Sessions.Count);
}
