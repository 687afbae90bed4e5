namespace RingKeeper.ZooKeeper;

/// <summary>Names the result codes of the ZooKeeper protocol (KeeperException.Code of Apache ZooKeeper).</summary>
/// <remarks>A code that is not listed here is still reported: the enumeration then holds the bare number.</remarks>
public enum ZooKeeperErrorCode
{
    /// <summary>The operation succeeded.</summary>
    Ok = 0,

    /// <summary>The server met an internal error.</summary>
    SystemError = -1,

    /// <summary>An operation of a multi was not run because another one failed.</summary>
    RuntimeInconsistency = -2,

    /// <summary>The server found inconsistent data.</summary>
    DataInconsistency = -3,

    /// <summary>The connection to the server was lost; see <see cref="ZooKeeperException.Outcome"/>.</summary>
    ConnectionLoss = -4,

    /// <summary>A record could not be read or written.</summary>
    MarshallingError = -5,

    /// <summary>The server does not know the operation.</summary>
    Unimplemented = -6,

    /// <summary>The operation took too long on the server.</summary>
    OperationTimeout = -7,

    /// <summary>An argument is invalid.</summary>
    BadArguments = -8,

    /// <summary>The joining servers of a reconfiguration do not make a quorum with the present ones yet.</summary>
    NewConfigNoQuorum = -13,

    /// <summary>Another reconfiguration is under way.</summary>
    ReconfigInProgress = -14,

    /// <summary>The node does not exist.</summary>
    NoNode = -101,

    /// <summary>The session lacks the permission.</summary>
    NoAuth = -102,

    /// <summary>The node has another version than the one expected.</summary>
    BadVersion = -103,

    /// <summary>An ephemeral node cannot have children.</summary>
    NoChildrenForEphemerals = -108,

    /// <summary>The node exists already.</summary>
    NodeExists = -110,

    /// <summary>The node has children.</summary>
    NotEmpty = -111,

    /// <summary>The session has expired; its ephemeral nodes are gone.</summary>
    SessionExpired = -112,

    /// <summary>The access control list is invalid.</summary>
    InvalidAcl = -114,

    /// <summary>The credentials were refused.</summary>
    AuthFailed = -115,

    /// <summary>The session has moved to another server.</summary>
    SessionMoved = -118,

    /// <summary>The server is read-only.</summary>
    NotReadOnly = -119,

    /// <summary>A local session cannot own an ephemeral node.</summary>
    EphemeralOnLocalSession = -120,

    /// <summary>There is no such watch.</summary>
    NoWatcher = -121,

    /// <summary>Reconfiguration is switched off on the server (reconfigEnabled).</summary>
    ReconfigDisabled = -123,

    /// <summary>The server asks for authentication before anything else.</summary>
    SessionClosedRequireSaslAuth = -124,

    /// <summary>A quota is exceeded.</summary>
    QuotaExceeded = -125,

    /// <summary>The server is overloaded and refused the operation.</summary>
    ThrottledOperation = -127,
}
