using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper.Security;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>Looks for a server that carries the session. While there is a session to lose, each server gets only its share of the time left.</summary>
internal sealed partial class ServerSearch
{
    private readonly ZooKeeperClientOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ClientSession _session;
    private readonly CancellationToken _closing;
    private readonly CancellationToken _aborting;
    private readonly Random _random;
    private readonly ServerList _servers;
    private readonly Dialer _dialer;
    private readonly ConnectionSecurity _security;

    // For four-letter words, secured as the sessions are.
    private readonly IZooKeeperTransport _transport;
    private readonly ReconnectPolicy _policy;
    private readonly SilentCloseDetector _silentCloses;
    private readonly RefusalDetector _refusals;
    private readonly Lock _failuresGate = new();
    private readonly Dictionary<ServerAddress, string> _failures = [];
    private ConnectionTrouble _trouble;

    // Attempts made since closing began. They are not repeated.
    private int _farewells;

    /// <param name="options">The client's options.</param>
    /// <param name="connectString">The servers.</param>
    /// <param name="session">What is to be carried.</param>
    /// <param name="closing">Look for no server any more, but let a handshake end, lest it leave a session behind.</param>
    /// <param name="aborting">Stop that too.</param>
    public ServerSearch(
        ZooKeeperClientOptions options, ConnectString connectString, ClientSession session, CancellationToken closing, CancellationToken aborting)
    {
        (_options, _logger, _time, _session, _closing, _aborting) = (options, options.Logger, options.TimeProvider, session, closing, aborting);
        _random = Split(options.Random);
        _servers = new ServerList(connectString.Servers, _random);
        _dialer = new Dialer(options.MaxFrameLength, _random, _time);
        _security = new ConnectionSecurity(options);
        var transport = options.Transport ?? TcpTransport.Instance;
        _transport = options.Tls is { } tls ? new ZooKeeperTlsTransport(tls, transport, options.Logger) : transport;
        _policy = new ReconnectPolicy(options.MaxReconnectPause);
        var serverCount = connectString.Servers.Distinct().Count();
        _silentCloses = new SilentCloseDetector(serverCount);
        _refusals = new RefusalDetector(serverCount);
    }

    /// <summary>What one attempt brought: a connection, a refusal of the session, or neither.</summary>
    private readonly record struct Attempt(Connection? Connection, bool IsRefusal);

    /// <summary>What became of the last attempt at each server.</summary>
    public string DescribeFailures()
    {
        lock (_failuresGate)
        {
            return _failures.Count == 0 ? "no server answered yet" : string.Join("; ", _failures.Select(f => $"{f.Key}: {f.Value}"));
        }
    }

    /// <summary>Why there is no connection, as far as the attempts tell.</summary>
    public ConnectionDiagnosis Diagnose()
    {
        lock (_failuresGate)
        {
            return new ConnectionDiagnosis(
                _trouble, ConnectionTroubleText.Describe(_trouble, DescribeFailures(), _session.LastZxid), _failures.ToDictionary(f => $"{f.Key}", f => f.Value));
        }
    }

    /// <summary>Tries servers in turn until one carries the session. Null when the client is closing and none is left to tell.</summary>
    /// <param name="lived">How long the connection before lived; null when there was none.</param>
    public async Task<Connection?> FindAsync(TimeSpan? lived)
    {
        var attempt = lived is { } life ? _policy.FirstAttemptAfter(life) : 0;
        for (var tried = 0; !_closing.IsCancellationRequested && !_session.IsOver && await PauseAsync(attempt, tried).ConfigureAwait(false); tried++)
        {
            if (_session.GiveUpIfDue())
            {
                _silentCloses.BeginCount();
            }

            if (_silentCloses.IsConvinced)
            {
                _session.AcceptOlderState();
            }

            var found = await AttemptAsync(ShareOfAttempt(tried), _closing).ConfigureAwait(false);
            if (found.Connection is not null)
            {
                NoteSession();
                return found.Connection;
            }

            NoteTrouble();

            // Refused: a new session may be asked for at once.
            attempt = found.IsRefusal ? 0 : attempt + 1;
        }

        return await FindToSayFarewellAsync().ConfigureAwait(false);
    }

    /// <summary>A session that is closed just after its connection was lost should not linger: each server is asked once to end it.</summary>
    private async Task<Connection?> FindToSayFarewellAsync()
    {
        var share = _session.Timing.CloseWait / _servers.Count;
        while (_farewells < _servers.Count && !_aborting.IsCancellationRequested && _session.IsToBeClosed)
        {
            _farewells++;
            if (await AttemptAsync(share, _aborting).ConfigureAwait(false) is { Connection: { } connection })
            {
                return connection;
            }
        }

        return null;
    }

    private async Task<Attempt> AttemptAsync(TimeSpan share, CancellationToken giveUpDialing)
    {
        var server = _servers.Next();
        try
        {
            var connection = await TryServerAsync(server, share, giveUpDialing).ConfigureAwait(false);
            return new Attempt(connection, IsRefusal: connection is null);
        }
        catch (OperationCanceledException) when (giveUpDialing.IsCancellationRequested)
        {
            return default;
        }
        catch (OperationCanceledException)
        {
            NoteFailure(server, "no answer in time");
            _silentCloses.BeginCount();
        }
        catch (SilentCloseException exception)
        {
            NoteFailure(server, _security.Describe(exception));
            if (_silentCloses.NoteSilentClose(server))
            {
                _session.ReportServersBehind();
            }
        }
        catch (SessionRefusedException exception)
        {
            NoteFailure(server, exception.Message);
            _silentCloses.BeginCount();
            if (_refusals.Note(server))
            {
                Log.SessionsRefused(_logger, DescribeFailures());
            }
        }
        catch (CredentialsRefusedException exception)
        {
            NoteFailure(server, exception.Message);
            _session.RefuseCredentials(_options.Sasl!.Mechanism, exception.Message);
        }
        catch (Exception exception) when (exception is SocketException or IOException or JuteException or ProtocolViolationException)
        {
            NoteFailure(server, _security.Describe(exception));
            _silentCloses.BeginCount();
        }

        return default;
    }

    private async Task<bool> PauseAsync(int attempt, int tried)
    {
        // The pause must not use up the time in which the servers could be tried.
        var pause = _policy.PauseBefore(attempt, _random.NextDouble());
        if (_session.TimeToReconnect() is not null && ShareOfAttempt(tried) / 2 is var longest && pause > longest)
        {
            pause = longest;
        }

        try
        {
            await Task.Delay(pause, _time, _closing).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private TimeSpan ShareOfAttempt(int tried)
    {
        if (_session.TimeToReconnect() is not { } left)
        {
            return _options.ConnectTimeout;
        }

        var share = ReconnectPolicy.ShareOf(left, _servers.Count - (tried % _servers.Count));
        return share < _options.ConnectTimeout ? share : _options.ConnectTimeout;
    }

    private async Task<Connection?> TryServerAsync(ServerAddress server, TimeSpan share, CancellationToken giveUpDialing)
    {
        var start = _time.GetTimestamp();
        if (_options.Transport is { } transport)
        {
            return await ShakeHandsAsync(server, token => ConnectByAsync(transport, server, token), share, giveUpDialing).ConfigureAwait(false);
        }

        var endPoints = await ResolveAsync(server, share, giveUpDialing).ConfigureAwait(false);
        Exception? failure = null;
        for (var i = 0; ; i++)
        {
            try
            {
                var left = ReconnectPolicy.ShareOf(share - _time.GetElapsedTime(start), endPoints.Count - i);
                var endPoint = endPoints[i];
                return await ShakeHandsAsync(server, token => Dialer.ConnectAsync(endPoint, token), left, giveUpDialing).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException or SilentCloseException
                && i < endPoints.Count - 1
                && !giveUpDialing.IsCancellationRequested)
            {
                // The next address of the same name may answer; the failure of the last one is reported.
                failure = exception is SilentCloseException ? failure : exception;
            }
            catch (SilentCloseException) when (failure is not null)
            {
                // Several servers may stand behind one name; they closed silently only if every one of them did.
                ExceptionDispatchInfo.Throw(failure);
            }
        }
    }

    // A transport of the user's, or a library below it, has exceptions of its own. One attempt is all they may cost.
    private static async ValueTask<Stream> ConnectByAsync(IZooKeeperTransport transport, ServerAddress server, CancellationToken cancellationToken)
    {
        try
        {
            return await transport.ConnectAsync(new DnsEndPoint(server.Host, server.Port), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not (IOException or SocketException) && !cancellationToken.IsCancellationRequested)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    private async Task<IReadOnlyList<IPEndPoint>> ResolveAsync(ServerAddress server, TimeSpan share, CancellationToken giveUpDialing)
    {
        using var timeout = new CancellationTokenSource(share, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, giveUpDialing);
        return await _dialer.ResolveAsync(server, either.Token).ConfigureAwait(false);
    }

    private async Task<Connection?> ShakeHandsAsync(
        ServerAddress server, Func<CancellationToken, ValueTask<Stream>> connect, TimeSpan share, CancellationToken giveUpDialing)
    {
        using var timeout = new CancellationTokenSource(share, _time);
        var stream = await DialAsync(server, connect, timeout.Token, giveUpDialing).ConfigureAwait(false);
        Connection? connection = null;
        try
        {
            // From here on the server may open a session on our word. Closing waits a moment for its answer, to close that too.
            using var grace = giveUpDialing.UnsafeRegister(_ => timeout.CancelAfter(_session.Timing.CloseWait), null);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _aborting);
            using var sasl = await _security.PrepareAsync(server, either.Token).ConfigureAwait(false);
            var handshake = await _dialer.ShakeHandsAsync(stream, _session.NextConnectRequest(), either.Token).ConfigureAwait(false);
            _silentCloses.NoteAnswer();
            if (sasl is not null && handshake.Response.SessionId != 0)
            {
                await sasl.RunAsync(stream, handshake.Reader, either.Token).ConfigureAwait(false);
            }

            connection = _session.Accept(stream, handshake, server);
            return connection;
        }
        finally
        {
            if (connection is null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<Stream> DialAsync(ServerAddress server, Func<CancellationToken, ValueTask<Stream>> connect, CancellationToken timeout, CancellationToken giveUpDialing)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout, giveUpDialing);
        return await _security.SecureAsync(await connect(either.Token).ConfigureAwait(false), server, either.Token).ConfigureAwait(false);
    }

    private void NoteFailure(ServerAddress server, string reason)
    {
        Log.AttemptFailed(_logger, server, reason);
        lock (_failuresGate)
        {
            _failures[server] = reason;
        }
    }

    private void NoteTrouble()
    {
        lock (_failuresGate)
        {
            _trouble = _refusals.IsConvinced ? ConnectionTrouble.SessionsRefused
                : !_silentCloses.IsReported ? ConnectionTrouble.Unreachable
                : _session.LastZxid == 0 ? ConnectionTrouble.SilentlyClosed
                : ConnectionTrouble.ServersBehind;
        }
    }

    private void NoteSession()
    {
        _refusals.NoteSession();
        lock (_failuresGate)
        {
            _trouble = ConnectionTrouble.None;
            _failures.Clear();
        }
    }

    // Options may be shared by several clients, and a Random is not for concurrent use.
    private static Random Split(Random source)
    {
        lock (source)
        {
            return new Random(source.Next());
        }
    }
}
