using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>Answers frames: the handshake first, requests after it. For the executor alone.</summary>
internal sealed class RequestProcessor(Database database, EmbeddedZooKeeperOptions options)
{
    // What Apache ZooKeeper puts into the header when it does not know the operation.
    private const long NoZxid = -1;

    private readonly ILogger _logger = options.Logger;

    // Null while the server serves writes.
    private ReadOnlyMode? _readOnly;

    public bool IsReadOnly => _readOnly is not null;

    public long Received { get; private set; }

    public void Process(Connection connection, byte[] frame)
    {
        if (connection.IsDetached)
        {
            return;
        }

        Received++;
        try
        {
            var reader = new JuteReader(frame);
            if (connection.Session is { } session)
            {
                var header = RequestHeader.Read(ref reader);
                Answer(connection, session, header, ref reader);
            }
            else
            {
                Greet(connection, ConnectRequest.Read(ref reader));
            }
        }
        catch (JuteException exception)
        {
            // Only headers, connect and auth records come here: without them there is nothing to answer.
            _logger.ConnectionDropped(connection.Peer, exception.Message);
            Drop(connection);
        }
    }

    /// <summary>Lets go of a connection: its watches go, its queued requests will not run. What was sent to it may still leave.</summary>
    public void Detach(Connection connection)
    {
        connection.IsDetached = true;
        database.Watches.RemoveAll(connection);
        if (connection.Session is { } session && session.Connection == connection)
        {
            session.Connection = null;
        }
    }

    /// <summary>Cuts a connection without a word.</summary>
    public void Drop(Connection connection)
    {
        Detach(connection);
        connection.Abort();
    }

    public void ExpireDue()
    {
        // Without an ensemble nobody decides that a session is over.
        foreach (var session in IsReadOnly ? [] : database.Sessions.FindExpired())
        {
            Expire(session);
        }
    }

    public void Expire(Session session)
    {
        if (session.Connection is { } connection)
        {
            Drop(connection);
        }

        if (database.CloseSession(session))
        {
            _logger.SessionOver(session.Id, "expired");
        }
    }

    private void Greet(Connection connection, ConnectRequest request)
    {
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
        if (Open(request) is not { } session)
        {
            connection.Send(Frames.Connect(new ConnectResponse(0, 0, 0, new byte[16], readOnly)));
            Detach(connection);
            connection.CloseAfterFlush();
            return;
        }

        if (session.Connection is { } superseded)
        {
            _logger.ConnectionDropped(superseded.Peer, "its session has come back on another connection");
            Drop(superseded);
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

        _readOnly = readOnly ? new ReadOnlyMode(database.Sessions, database.Sessions.Negotiate) : null;
        database.Sessions.TouchAll();
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
            return database.CreateSession(request.TimeoutMs);
        }

        return database.Sessions.TryResume(request.SessionId, request.Password, request.TimeoutMs, out var session) ? session : null;
    }

    private void Answer(Connection connection, Session session, RequestHeader header, ref JuteReader reader)
    {
        switch (header.Type)
        {
            case OpCode.Ping:
                Send(connection, SpecialXid.Ping, database.Zxid, Reply.Ok);
                break;
            case OpCode.Auth:
                Authenticate(connection, header.Xid, AuthRecord.Read(ref reader));
                break;
            case OpCode.CloseSession:
                if (!IsReadOnly)
                {
                    database.CloseSession(session);
                }

                _logger.SessionOver(session.Id, "closed by its client");
                Send(connection, header.Xid, database.Zxid, Reply.Ok);
                Detach(connection);
                connection.CloseAfterFlush();
                break;
            default:
                var reply = Execute(connection, session, header.Type, ref reader);
                if (reply is null)
                {
                    // As Apache ZooKeeper 3.8 does: the answer, then the end of the connection; the session stays.
                    Send(connection, header.Xid, NoZxid, ZooKeeperErrorCode.Unimplemented);
                    Detach(connection);
                    connection.CloseAfterFlush();
                    break;
                }

                Send(connection, header.Xid, database.Zxid, reply.Value);
                break;
        }
    }

    private void Authenticate(Connection connection, int xid, AuthRecord record)
    {
        switch (record.Scheme)
        {
            case "digest":
                Identify(connection, DigestScheme.Identify(record.Auth));
                break;
            case "ip":
                // The address is known already.
                break;
            default:
                _logger.ConnectionDropped(connection.Peer, $"the authentication scheme '{record.Scheme}' is not known here");
                Send(connection, xid, 0, ZooKeeperErrorCode.AuthFailed);
                Detach(connection);
                connection.CloseAfterFlush();
                return;
        }

        Send(connection, xid, 0, Reply.Ok);
    }

    private void Identify(Connection connection, Identity identity)
    {
        if (identity.Id == options.SuperDigest)
        {
            connection.AddIdentity(new Identity(AclRules.Super, ""));
        }

        connection.AddIdentity(identity);
    }

    private Reply? Execute(Connection connection, Session session, OpCode type, ref JuteReader reader)
    {
        if (!database.Rules.Knows(type))
        {
            return null;
        }

        if (IsReadOnly && ReadOnlyMode.Refuses(type))
        {
            return ZooKeeperErrorCode.NotReadOnly;
        }

        var caller = new Caller(session.Id, connection.Identities);
        try
        {
            return WriteRequests.Execute(type, ref reader, database, caller)
                ?? ReadRequests.Execute(type, ref reader, database, caller, connection)
                ?? WatchRequests.Execute(type, ref reader, database, connection);
        }
        catch (JuteException)
        {
            return ZooKeeperErrorCode.MarshallingError;
        }
    }

    private static void Send(Connection connection, int xid, long zxid, Reply reply) => connection.Send(Frames.Reply(xid, zxid, reply));
}
