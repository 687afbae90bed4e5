namespace RingKeeper.ZooKeeper;

/// <summary>Names the state of a client's session, with the words of Apache Curator's connection states where there is one.</summary>
public enum SessionState
{
    /// <summary>There is no session yet, at the start or after a loss; the client is looking for a server. Do nothing but wait.</summary>
    Connecting,

    /// <summary>
    /// The session is connected to a server (Curator: CONNECTED; RECONNECTED where <see cref="SessionSnapshot.IsReconnected"/> is true). With the same epoch as
    /// before, ephemeral znodes are still there; watches are set again, and a <see cref="WatchedEventType.Gap"/> tells that changes may have been missed.
    /// With a higher epoch, create anew what belongs to the session.
    /// </summary>
    Connected,

    /// <summary>
    /// The session is connected to a server that lost its quorum and serves reads alone (Curator: READ_ONLY; only with
    /// <see cref="ZooKeeperClientOptions.AllowReadOnly"/>). What is read may be old, writes fail with <see cref="ZooKeeperErrorCode.NotReadOnly"/>;
    /// the client looks for a better server meanwhile. Stop what only a leader or the holder of a lock may do.
    /// </summary>
    ReadOnly,

    /// <summary>
    /// The connection is lost; the session may live (Curator: SUSPENDED). Its ephemeral znodes may go at any moment from
    /// <see cref="SessionSnapshot.Deadline"/> on: until then hold back, by then stop what only their owner may do.
    /// </summary>
    Suspended,

    /// <summary>
    /// The session is gone, and its ephemeral znodes with it (Curator: LOST): a server said so, answered with another session, or none was reached for 4/3
    /// of the session timeout. Give up leads and locks. The client opens a new session by itself; its epoch is one higher.
    /// </summary>
    Lost,

    /// <summary>The credentials were refused; the client is of no use any more. Correct them and connect anew.</summary>
    AuthFailed,

    /// <summary>The client was closed; nothing follows.</summary>
    Closed,
}

/// <summary>Describes a client's session at one moment; immutable.</summary>
/// <param name="State">The state.</param>
/// <param name="Epoch">Counts the sessions of this client, from 1; 0 before the first. Compare epochs to know whether work belongs to a session that is gone.</param>
/// <param name="SessionId">The session's id, or 0.</param>
/// <param name="NegotiatedTimeout">The session timeout the server granted; zero before the first connection.</param>
/// <param name="Server">The server that is connected or was last, as <c>host:port</c>, or null.</param>
public sealed record SessionSnapshot(SessionState State, int Epoch, long SessionId, TimeSpan NegotiatedTimeout, string? Server)
{
    /// <summary>
    /// Gets the timestamp of the client's clock (<see cref="TimeProvider.GetTimestamp"/>) from which on the servers may have ended the session: one negotiated timeout
    /// after the sending of the last request that was answered before this snapshot. It is exact for the server that answered; one that was itself cut off from the
    /// others answers reads and pings of a session that they have ended already, so a lead or a lock relies on written heartbeats instead. 0 before the first session.
    /// </summary>
    public long Deadline { get; init; }

    /// <summary>Gets a value indicating whether this session was connected before: Curator's RECONNECTED.</summary>
    public bool IsReconnected { get; init; }

    /// <summary>Gets a value indicating whether a server is connected, one that serves reads alone included.</summary>
    public bool IsConnected => State is SessionState.Connected or SessionState.ReadOnly;

    /// <summary>Gets the number of the connection, counted over all sessions of the client: a session that was suspended and continued has another one.</summary>
    internal int Connection { get; init; }

    /// <summary>Tells whether the session is connected and has been without a break since this snapshot was taken.</summary>
    internal bool Lasts(SessionSnapshot now) => now.State == SessionState.Connected && now.Epoch == Epoch && now.Connection == Connection;
}
