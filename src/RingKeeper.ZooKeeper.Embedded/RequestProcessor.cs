using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>Answers frames: the handshake first, requests after it. For the executor alone.</summary>
internal sealed partial class RequestProcessor(Database database, EmbeddedZooKeeperOptions options, ServerFaults faults, FollowerLink? link = null)
{
    // What Apache ZooKeeper puts into the header when it does not know the operation.
    private const long NoZxid = -1;

    private readonly ILogger _logger = options.Logger;

    // Where sessions live and writes go; reads and watches are the own database's.
    private readonly Database _leader = link?.Leader ?? database;

    /// <summary>What a follower hears of its leader; null for a server of its own.</summary>
    public FollowerLink? Link => link;

    /// <summary>Whether the leader hears nothing of the connections here.</summary>
    public bool IsCutOff => link is { IsCutOff: true };

    public long Received { get; private set; }

    public void Process(Connection connection, byte[] frame)
    {
        if (connection.IsDetached)
        {
            if (connection.IsMoved)
            {
                connection.Abort();
            }

            return;
        }

        Received++;
        link?.Refresh();
        try
        {
            var reader = new JuteReader(frame);
            if (connection.Session is { } session)
            {
                var header = RequestHeader.Read(ref reader);
                var fault = faults.IsArmed ? faults.Strike(ServerRequest.Read(session.Id, header.Type, reader)) : FaultKind.None;
                Answer(connection, session, header, ref reader, fault);
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

    private void Answer(Connection connection, Session session, RequestHeader header, ref JuteReader reader, FaultKind fault)
    {
        if (fault == FaultKind.LoseRequest)
        {
            Drop(connection);
            return;
        }

        connection.Trickles |= fault == FaultKind.Trickle;
        connection.IsMuted |= fault == FaultKind.LoseReply;
        Answer(connection, session, header, ref reader);
        if (fault == FaultKind.LoseReply)
        {
            Drop(connection);
        }
        else if (fault == FaultKind.CutBehindReply)
        {
            Detach(connection);
            connection.CloseAfterFlush();
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
        // A follower that is cut off does not hear of it either.
        if (session.Connection is { Home.IsCutOff: false } connection)
        {
            connection.Home.Drop(connection);
        }

        if (database.CloseSession(session))
        {
            _logger.SessionOver(session.Id, "expired");
        }
    }

    private void Answer(Connection connection, Session session, RequestHeader header, ref JuteReader reader)
    {
        // As in a real follower, whatever stands behind a request for the leader waits for its answer.
        connection.IsStuck |= IsCutOff && IsForLeader(header.Type);
        if (connection.IsStuck)
        {
            return;
        }

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
                    _leader.CloseSession(session);
                    link?.CatchUp();
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

    private static bool IsForLeader(OpCode type) => type == OpCode.CloseSession || ReadOnlyMode.Refuses(type);

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
            return WriteRequests.Execute(type, ref reader, _leader, caller)
                ?? ReadRequests.Execute(type, ref reader, database, caller, connection)
                ?? WatchRequests.Execute(type, ref reader, database, connection);
        }
        catch (JuteException)
        {
            return ZooKeeperErrorCode.MarshallingError;
        }
        finally
        {
            if (IsForLeader(type))
            {
                link?.CatchUp();
            }
        }
    }

    private static void Send(Connection connection, int xid, long zxid, Reply reply) => connection.Send(Frames.Reply(xid, zxid, reply));
}
