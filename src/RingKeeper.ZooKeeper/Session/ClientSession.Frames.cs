using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <content>What goes to the connection and what comes from it.</content>
internal sealed partial class ClientSession
{
    public void Fill(Connection connection, FrameWriter batch, int enough)
    {
        lock (_gate)
        {
            // One that was dropped a moment ago takes nothing more: what it took would be lost with it.
            if (_connection == connection && !connection.Ended.IsCancellationRequested)
            {
                _requests.Fill(batch, enough, _watches, _features, _time.GetTimestamp());
            }
        }
    }

    public void OnFrame(Connection connection, ReplyHeader header, ref JuteReader body)
    {
        lock (_gate)
        {
            if (_connection != connection)
            {
                return;
            }

            switch (header.Xid)
            {
                case SpecialXid.Notification:
                    OnNotification(WatcherEventRecord.Read(ref body));
                    break;
                case SpecialXid.Auth:
                    OnAuthReply(header.Error);
                    break;
                default:
                    OnReply(connection, header, ref body);
                    break;
            }
        }
    }

    private void OnNotification(WatcherEventRecord change)
    {
        if (PathRules.Flaw(change.Path) is { } flaw)
        {
            throw new ProtocolViolationException($"The server sent an event of the path '{change.Path}': {flaw}.");
        }

        // Anything but the four changes of a znode is for Apache's own client to make up, not for a server to send.
        if (change.Type is >= (int)WatchedEventType.NodeCreated and <= (int)WatchedEventType.NodeChildrenChanged
            && _chroot.ToClient(change.Path) is { } path)
        {
            _watches.Dispatch((WatchedEventType)change.Type, path);
        }
    }

    private void OnAuthReply(ZooKeeperErrorCode error)
    {
        if (!_requests.TryDequeueAuth(out var request))
        {
            throw new ProtocolViolationException("The server answered credentials that were not sent.");
        }

        if (error == ZooKeeperErrorCode.Ok)
        {
            if (!_credentials.Exists(known => known.IsSameAs(request.Credentials)))
            {
                _credentials.Add(request.Credentials);
            }

            request.Accept();
            return;
        }

        _phase = Phase.AuthFailed;
        Publish(_feed.Current with { State = SessionState.AuthFailed });
        request.Fail(ZooKeeperErrorCode.AuthFailed, OperationOutcome.Refused, AuthFailedMessage);
        EndRequestsAndWatches(ZooKeeperErrorCode.AuthFailed, AuthFailedMessage);
        _connection?.Drop("the server refused the credentials");
        Log.AuthFailed(_logger, request.Credentials.Scheme);
    }

    private void OnReply(Connection connection, ReplyHeader header, ref JuteReader body)
    {
        if (!_requests.TryPeekInFlight(out var request) || request.Xid != header.Xid)
        {
            throw new ProtocolViolationException($"A reply carries xid {header.Xid}; the next one due is {request?.Xid.ToString() ?? "none"}.");
        }

        request.IsIdentified = IsIdentified;
        var wasTrying = _features.IsTrying;
        var isKnown = _features.NoteAnswer(request, header);

        // Taken off its place only when its reply could be read; otherwise it fails with the connection.
        var done = request.Complete(header, ref body, _watches);
        _requests.DequeueInFlight();
        connection.LastAnsweredSend = request.SentAt;
        connection.Touches.Note(request.SentAt, connection.LastHeard);
        if (header.Zxid > 0 && header.Xid > 0)
        {
            _identity.LastZxid = header.Zxid;
        }

        if (request is SetWatchesRequest { Refusal: { } refusal } refused)
        {
            Log.WatchesRefused(_logger, connection.Server, refusal, refused.Count);
        }

        if (!isKnown)
        {
            Log.OperationUnknown(_logger, request.Type, connection.Server, Operations.FirstVersionOf(request.Type));
            connection.Drop($"the server does not know {request.Type} and closes the connection behind it");
        }
        else if (wasTrying && !_features.IsTrying)
        {
            connection.Wake();
        }

        if (!done)
        {
            Enqueue(request);
            return;
        }

        if (request is CloseSessionRequest)
        {
            _identity.Forget();
            connection.Drop("the session was closed");
        }

        // From here on it may serve another call.
        request.Detach();
    }
}
