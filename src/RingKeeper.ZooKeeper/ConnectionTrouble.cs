namespace RingKeeper.ZooKeeper;

/// <summary>Names what keeps a client from its servers.</summary>
public enum ConnectionTrouble
{
    /// <summary>Nothing: the client is connected, or has only begun to look for a server.</summary>
    None,

    /// <summary>No server gave a session; the servers tell different things, or could not be reached.</summary>
    Unreachable,

    /// <summary>
    /// Every server takes the connection and closes it without a word, to a client that has seen nothing yet: they have no quorum, or allow no more
    /// connections from this address (<c>maxClientCnxns</c>).
    /// </summary>
    SilentlyClosed,

    /// <summary>
    /// The same to a client that has seen transactions: probably all servers know only an older state, because the ensemble lost its data or was restored from an
    /// older copy. Three rounds of that are taken for certain: once the session is given up, the next one accepts the older state.
    /// </summary>
    ServersBehind,

    /// <summary>Every server answers and gives no session.</summary>
    SessionsRefused,
}
