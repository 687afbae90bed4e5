namespace RingKeeper.ZooKeeper;

/// <summary>Names the state of a client's session.</summary>
public enum SessionState
{
    /// <summary>There is no session yet (at the start, or after an expiry); the client is looking for a server.</summary>
    Connecting,

    /// <summary>The session is connected to a server.</summary>
    Connected,

    /// <summary>The connection is lost; the session may live. Its ephemeral znodes may go at any moment: stop what only their owner may do.</summary>
    Suspended,

    /// <summary>The session is gone, and its ephemeral znodes with it. The client opens a new one by itself; its epoch is one higher.</summary>
    Expired,

    /// <summary>The credentials were refused; the client is of no use any more.</summary>
    AuthFailed,

    /// <summary>The client was closed.</summary>
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
    /// <summary>Gets the number of the connection, counted over all sessions of the client: a session that was suspended and continued has another one.</summary>
    internal int Connection { get; init; }

    /// <summary>Tells whether the session is connected and has been without a break since this snapshot was taken.</summary>
    internal bool Lasts(SessionSnapshot now) => now.State == SessionState.Connected && now.Epoch == Epoch && now.Connection == Connection;
}
