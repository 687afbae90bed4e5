using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>
/// The state of a client: its session, its requests and its watches, all under one lock. It waits for nothing and calls no user
/// code: what it completes continues on the thread pool. <see cref="SessionLoop"/> drives it, a <see cref="Connection"/> carries it.
/// </summary>
internal sealed partial class ClientSession : IConnectionOwner, IDisposable
{
    private readonly Lock _gate = new();
    private readonly ZooKeeperClientOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Chroot _chroot;
    private readonly SessionFeed _feed = new();
    private readonly SessionIdentity _identity;
    private readonly RequestQueue _requests = new();
    private readonly WatchRegistry _watches;
    private readonly ServerFeatures _features;
    private readonly ITimer _sweeper;
    private readonly ClientTelemetry _telemetry;
    private readonly TaskCompletionSource _firstSession = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Sent again, in this order, on each connection.
    private readonly List<AuthRecord> _credentials = [];

    // The connection that carries the session; frames of any other are ignored. Null exactly while the state is not Connected,
    // or for good once the session is finished.
    private Connection? _connection;

    private Phase _phase = Phase.Open;

    // True: the timer is set to when the oldest unsent request may be overdue, or earlier.
    private bool _isSweeping;

    public ClientSession(ZooKeeperClientOptions options, Chroot chroot)
    {
        (_options, _logger, _time, _chroot) = (options, options.Logger, options.TimeProvider, chroot);
        _telemetry = new ClientTelemetry(_time);
        _identity = new SessionIdentity(options.SessionTimeout, options.AllowReadOnly, _time);
        _features = new ServerFeatures(_time);
        _watches = new WatchRegistry(path => Enqueue(new RemoveWatchRequest(path, EncodePathMode(path, RemoveWatchRequest.AnyType))));
        _sweeper = _time.CreateTimer(static state => ((ClientSession)state!).FailOverdue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (options.DigestCredentials is { } digest)
        {
            _credentials.Add(new AuthRecord(0, "digest", System.Text.Encoding.UTF8.GetBytes(digest)));
        }
    }

    /// <summary>Open, then Closing, then Finished; or from Open to AuthFailed, then Finished. Nothing is accepted but in Open.</summary>
    private enum Phase
    {
        Open,
        AuthFailed,
        Closing,
        Finished,
    }

    public SessionFeed Feed => _feed;

    /// <summary>Completes with the first session, and fails when there can be none.</summary>
    public Task FirstSession => _firstSession.Task;

    /// <summary>Gets a value indicating whether there is nothing left to connect for.</summary>
    public bool IsOver
    {
        get
        {
            lock (_gate)
            {
                return _phase is Phase.AuthFailed or Phase.Finished;
            }
        }
    }

    /// <summary>Gets a value indicating whether a server still keeps the session of a client that is closing.</summary>
    public bool IsToBeClosed
    {
        get
        {
            lock (_gate)
            {
                return _phase == Phase.Closing && _identity.Exists;
            }
        }
    }

    public SessionTiming Timing
    {
        get
        {
            lock (_gate)
            {
                return _identity.Timing;
            }
        }
    }

    /// <summary>Gets the timestamp at which a server was last heard; zero before the first session.</summary>
    public long LastContact
    {
        get
        {
            lock (_gate)
            {
                return _connection?.LastHeard ?? _identity.LastContact;
            }
        }
    }

    /// <summary>When a server was last told, at latest then, that this session lives, over the connection that the snapshot is of; null where that is not known.</summary>
    public long? TouchedBefore(SessionSnapshot session, long at)
    {
        lock (_gate)
        {
            return session.Lasts(_feed.Current) ? _connection?.Touches.Before(at) : null;
        }
    }

    /// <summary>Gets the last zxid that was seen; a server that knows only earlier ones does not answer.</summary>
    public long LastZxid
    {
        get
        {
            lock (_gate)
            {
                return _identity.LastZxid;
            }
        }
    }

    /// <summary>The timestamp from which on the servers may have ended the session; see <see cref="SessionSnapshot.Deadline"/>.</summary>
    public long Deadline
    {
        get
        {
            lock (_gate)
            {
                return _connection is { } connection ? _identity.DeadlineAfter(connection.LastAnsweredSend) : _identity.Deadline;
            }
        }
    }

    /// <summary>Tells how it stands.</summary>
    public ZooKeeperClientHealth Describe(ConnectionDiagnosis diagnosis)
    {
        lock (_gate)
        {
            var (session, lastContact) = (_feed.Current, _connection?.LastHeard ?? _identity.LastContact);
            var deadline = _connection is { } connection ? _identity.DeadlineAfter(connection.LastAnsweredSend) : _identity.Deadline;
            return new ZooKeeperClientHealth(
                session,
                lastContact == 0 ? null : _time.GetElapsedTime(lastContact),
                deadline == 0 ? null : -_time.GetElapsedTime(deadline),
                _requests.Count,
                _requests.InFlightCount,
                _watches.PathCount,
                session.Connection,
                diagnosis);
        }
    }

    /// <summary>What to ask a server for: the session there is, or a new one.</summary>
    public ConnectRequest NextConnectRequest()
    {
        lock (_gate)
        {
            return _identity.ToConnectRequest();
        }
    }

    /// <summary>How long reaching a server is of use to the session; null without one.</summary>
    public TimeSpan? TimeToReconnect()
    {
        lock (_gate)
        {
            return _identity.TimeToReconnect;
        }
    }

    /// <summary>Declares the session dead when the servers must have done so by now; true if it does.</summary>
    public bool GiveUpIfDue()
    {
        lock (_gate)
        {
            if (_phase != Phase.Open || _identity.TimeUntilGivenUp is not { } left || left > TimeSpan.Zero)
            {
                return false;
            }

            Expire($"no server was reached for {_identity.Timing.GiveUp}, 4/3 of the session timeout");
            return true;
        }
    }

    /// <summary>The servers seem to have lost what this client has seen: once no session depends on it, forgets it.</summary>
    public void AcceptOlderState()
    {
        lock (_gate)
        {
            if (!_identity.Exists && _identity.LastZxid != 0)
            {
                Log.AcceptingOlderState(_logger, _identity.LastZxid);
                _identity.LastZxid = 0;
            }
        }
    }

    /// <summary>A server closed silently; says so once a full cycle did.</summary>
    public void ReportServersBehind()
    {
        lock (_gate)
        {
            if (_identity.LastZxid != 0)
            {
                Log.ServersBehind(_logger, _identity.LastZxid);
            }
        }
    }

    /// <summary>Begins to close: nothing new is accepted, what is unsent fails, the server is told if there is a connection.</summary>
    public void BeginClose()
    {
        lock (_gate)
        {
            if (_phase != Phase.Open)
            {
                return;
            }

            _phase = Phase.Closing;
            _requests.FailUnsent(ZooKeeperErrorCode.ConnectionLoss, "The client was closed before the request was sent.");
            if (_connection is not null)
            {
                Enqueue(new CloseSessionRequest());
            }
        }
    }

    /// <summary>Cuts the connection, if there is one.</summary>
    public void Drop(string reason)
    {
        lock (_gate)
        {
            _connection?.Drop(reason);
        }
    }

    /// <summary>Ends everything. Whoever still waits is told.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            if (_phase == Phase.Finished)
            {
                return;
            }

            _phase = Phase.Finished;
            _identity.LastContact = _connection?.LastHeard ?? _identity.LastContact;
            _connection?.Drop("the client was closed");
            _connection = null;
            EndRequestsAndWatches(ZooKeeperErrorCode.ConnectionLoss, "The client was closed.");
            Publish(_feed.Current with { State = SessionState.Closed });
            Log.Closed(_logger, _feed.Current.SessionId);
        }
    }

    public void Dispose() => _sweeper.Dispose();

    private void Publish(SessionSnapshot snapshot)
    {
        _feed.Publish(snapshot);
        ClientTelemetry.CountState(snapshot.State);
    }

    private void Expire(string reason)
    {
        var expired = _identity.Id;
        _identity.Forget();
        Publish(_feed.Current with { State = SessionState.Lost });
        _requests.FailInFlight(ZooKeeperErrorCode.SessionExpired);
        _requests.FailUnsent(ZooKeeperErrorCode.SessionExpired);
        _watches.Expire();
        Publish(_feed.Current with { State = SessionState.Connecting, SessionId = 0 });
        Log.Expired(_logger, expired, reason);
    }

    private void EndRequestsAndWatches(ZooKeeperErrorCode code, string message)
    {
        _requests.FailInFlight(code, message);
        _requests.FailUnsent(code, message);
        _watches.Close();
        _firstSession.TrySetException(new ZooKeeperException(code, path: null, OperationOutcome.NotSent, message));
        _ = _firstSession.Task.Exception;
    }
}
