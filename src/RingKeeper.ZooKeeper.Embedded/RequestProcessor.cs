using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>Answers frames: the handshake first, requests after it. For the executor alone.</summary>
internal sealed class RequestProcessor(Database database, ILogger logger)
{
    // What Apache ZooKeeper puts into the header when it does not know the operation.
    private const long NoZxid = -1;

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
            logger.ConnectionDropped(connection.Peer, exception.Message);
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
        foreach (var session in database.Sessions.FindExpired())
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
            logger.SessionOver(session.Id, "expired");
        }
    }

    private void Greet(Connection connection, ConnectRequest request)
    {
        if (request.LastZxidSeen > database.Zxid)
        {
            logger.ClientIsAhead(request.LastZxidSeen, database.Zxid);
            Drop(connection);
            return;
        }

        // The answer holds the read-only byte only if the question did.
        bool? readOnly = request.ReadOnly is null ? null : false;
        if (Open(request) is not { } session)
        {
            connection.Send(Frames.Connect(new ConnectResponse(0, 0, 0, new byte[16], readOnly)));
            Detach(connection);
            connection.CloseAfterFlush();
            return;
        }

        if (session.Connection is { } superseded)
        {
            logger.ConnectionDropped(superseded.Peer, "its session has come back on another connection");
            Drop(superseded);
        }

        session.Connection = connection;
        connection.Session = session;
        logger.SessionEstablished(session.Id, session.TimeoutMs);
        connection.Send(Frames.Connect(new ConnectResponse(0, session.TimeoutMs, session.Id, session.Password, readOnly)));
    }

    private Session? Open(ConnectRequest request)
    {
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
                database.CloseSession(session);
                logger.SessionOver(session.Id, "closed by its client");
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
                connection.AddIdentity(DigestScheme.Identify(record.Auth));
                break;
            case "ip":
                // The address is known already.
                break;
            default:
                logger.ConnectionDropped(connection.Peer, $"the authentication scheme '{record.Scheme}' is not known here");
                Send(connection, xid, 0, ZooKeeperErrorCode.AuthFailed);
                Detach(connection);
                connection.CloseAfterFlush();
                return;
        }

        Send(connection, xid, 0, Reply.Ok);
    }

    private Reply? Execute(Connection connection, Session session, OpCode type, ref JuteReader reader)
    {
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
