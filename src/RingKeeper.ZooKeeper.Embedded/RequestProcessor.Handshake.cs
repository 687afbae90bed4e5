using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded;

/// <content>The first frame of a connection, and whom it lets in.</content>
internal sealed partial class RequestProcessor
{
    // Null while the server serves writes.
    private ReadOnlyMode? _readOnly;

    public bool IsReadOnly => _readOnly is not null;

    private void Greet(Connection connection, ConnectRequest request)
    {
        if (IsCutOff)
        {
            // Only the leader knows the session; the client gives up by itself.
            return;
        }

        if (request.LastZxidSeen > database.Zxid)
        {
            _logger.ClientIsAhead(request.LastZxidSeen, database.Zxid);
            Drop(connection);
            return;
        }

        if (IsReadOnly && request.ReadOnly is not true)
        {
            _logger.ConnectionDropped(connection.Peer, "it does not allow a read-only server");
            Drop(connection);
            return;
        }

        // The answer holds the read-only byte only if the question did.
        bool? readOnly = request.ReadOnly is null ? null : IsReadOnly;
        var session = Open(request);
        link?.CatchUp();
        if (session is null)
        {
            connection.Send(Frames.Connect(new ConnectResponse(0, 0, 0, new byte[16], readOnly)));
            Detach(connection);
            connection.CloseAfterFlush();
            return;
        }

        if (session.Connection is { } superseded)
        {
            _logger.ConnectionDropped(superseded.Peer, "its session has come back on another connection");
            superseded.Home.Drop(superseded);
        }

        session.Connection = connection;
        connection.Session = session;
        _logger.SessionEstablished(session.Id, session.TimeoutMs);
        connection.Send(Frames.Connect(new ConnectResponse(0, session.TimeoutMs, session.Id, session.Password, readOnly)));
    }

    /// <summary>Serves reads only, or writes too. Nothing is connected at this moment.</summary>
    public void SetReadOnly(bool readOnly)
    {
        if (readOnly == IsReadOnly)
        {
            return;
        }

        _readOnly = readOnly ? new ReadOnlyMode(_leader.Sessions, _leader.Sessions.Negotiate) : null;
        _leader.Sessions.TouchAll();
        _logger.ModeChanged(readOnly ? "reads only" : "reads and writes");
    }

    private Session? Open(ConnectRequest request)
    {
        if (_readOnly is not null)
        {
            return _readOnly.Open(request);
        }

        if (request.SessionId == 0)
        {
            return _leader.CreateSession(request.TimeoutMs);
        }

        return _leader.Sessions.TryResume(request.SessionId, request.Password, request.TimeoutMs, out var session) ? session : null;
    }
}
