using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <content>A connection is taken and lost.</content>
internal sealed partial class ClientSession
{
    /// <summary>Takes a server's answer. Null when it refused to continue the session, which has then expired.</summary>
    /// <exception cref="SessionRefusedException">The server refused a new session.</exception>
    public Connection? Accept(Stream stream, Handshake handshake, ServerAddress server)
    {
        var response = handshake.Response;
        lock (_gate)
        {
            if (_phase is Phase.Finished or Phase.AuthFailed)
            {
                return null;
            }

            if (response.TimeoutMs <= 0 || response.SessionId == 0)
            {
                if (!_identity.Exists || _identity.IsLocal)
                {
                    throw new SessionRefusedException("the server refused to open a session");
                }

                if (response.ReadOnly == true)
                {
                    // One without a quorum may not have heard of it.
                    throw new SessionRefusedException("the server has lost its quorum and does not know the session");
                }

                if (_phase == Phase.Closing)
                {
                    // What was to be closed is gone already.
                    _identity.Forget();
                    return null;
                }

                Expire("the server refused to continue it");
                return null;
            }

            if (_identity is { Exists: true, IsLocal: false } && response.SessionId != _identity.Id)
            {
                Expire($"the server answered with session 0x{response.SessionId:x} instead");
            }

            // A session of a server without a quorum ends with the connection; it owned nothing, so that nothing is lost with it.
            var epoch = _feed.Current.Epoch + (_identity is { Exists: true, IsLocal: false } ? 0 : 1);
            var state = response.ReadOnly == true ? SessionState.ReadOnly : SessionState.Connected;
            _identity.Adopt(response, handshake.AskedAt);
            var timeout = _identity.Timing.Timeout;
            _connection = new Connection(stream, handshake.Reader, this, server, _identity.Timing, _time) { LastAnsweredSend = handshake.AskedAt, IsReadOnly = state == SessionState.ReadOnly };
            _connection.Touches.Open(handshake.AskedAt);
            _features.Begin(server);
            _telemetry.UseServer(server);
            QueuePrelude();
            Publish(new SessionSnapshot(state, epoch, _identity.Id, timeout, server.ToString())
            {
                Connection = _feed.Current.Connection + 1,
                Deadline = _identity.Deadline,
                IsReconnected = epoch == _feed.Current.Epoch,
            });
            _firstSession.TrySetResult();
            Log.Connected(_logger, _identity.Id, server, timeout, epoch);
            if (_connection.IsReadOnly)
            {
                Log.ConnectedReadOnly(_logger, _identity.Id, server);
            }

            return _connection;
        }
    }

    /// <summary>The connection has ended: what it carried is unknown, what waits keeps waiting.</summary>
    public void OnConnectionLost(Connection connection)
    {
        lock (_gate)
        {
            if (_connection != connection)
            {
                return;
            }

            _connection = null;
            _identity.LastContact = connection.LastHeard;
            _identity.LastAnsweredSend = connection.LastAnsweredSend;
            if (connection.Violation is not null)
            {
                _requests.FailOldestInFlight(ZooKeeperErrorCode.ConnectionLoss, connection.DropReason);
            }

            if (_phase == Phase.Open)
            {
                _requests.RequeueReads(ZooKeeperErrorCode.ConnectionLoss);
                SweepUnsent();
            }
            else
            {
                _requests.FailInFlight(ZooKeeperErrorCode.ConnectionLoss);
            }

            _requests.FailUnsentBound(ZooKeeperErrorCode.ConnectionLoss);
            _watches.ConnectionLost();
            if (_phase != Phase.Open)
            {
                return;
            }

            Publish(_feed.Current with { State = SessionState.Suspended, Deadline = _identity.Deadline });
            if (connection.Violation is { } violation)
            {
                Log.ProtocolBroken(_logger, violation, connection.Server.ToString(), connection.DropReason);
            }
            else
            {
                Log.ConnectionLost(_logger, _identity.Id, connection.Server.ToString(), connection.DropReason);
            }
        }
    }

    private void QueuePrelude()
    {
        if (_phase == Phase.Closing)
        {
            Enqueue(new CloseSessionRequest());
            return;
        }

        foreach (var credentials in _credentials)
        {
            _requests.AddPrelude(new AuthRequest(credentials));
        }

        if (_features.Lacks(OpCode.SetWatches2) || _features.Lacks(OpCode.AddWatch))
        {
            _watches.ReleaseSubscriptions().ForEach(Emulate);
        }

        foreach (var request in SetWatchesBatches.Build(_watches.ListForRearm(), _identity.LastZxid, _chroot))
        {
            _requests.AddPrelude(request);
        }
    }

    private void Emulate(WatchSubscription subscription)
    {
        if (subscription.Mode == WatchMode.Persistent)
        {
            subscription.Emulation = new EmulatedWatch(this, subscription);
            subscription.Emulation.Start();
            return;
        }

        subscription.Events.Complete(
            new ZooKeeperServerTooOldException($"{OpCode.AddWatch}", "3.6.0", subscription.Path, Operations.RemedyFor(OpCode.AddWatch)));
    }
}
