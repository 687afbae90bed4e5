namespace RingKeeper.ZooKeeper;

/// <summary>An operation on ZooKeeper failed.</summary>
public class ZooKeeperException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">The result code.</param>
    /// <param name="path">The path the operation was about, as the caller gave it, or null.</param>
    /// <param name="outcome">What is known of the operation.</param>
    /// <param name="message">What happened and what to do; null for the text of the code.</param>
    /// <param name="innerException">The cause, or null.</param>
    public ZooKeeperException(
        ZooKeeperErrorCode code,
        string? path = null,
        OperationOutcome outcome = OperationOutcome.Refused,
        string? message = null,
        Exception? innerException = null)
        : base(message ?? Describe(code, path, outcome), innerException)
    {
        Code = code;
        Path = path;
        Outcome = outcome;
    }

    /// <summary>Gets the result code.</summary>
    public ZooKeeperErrorCode Code { get; }

    /// <summary>Gets the path the operation was about, without the chroot, or null.</summary>
    public string? Path { get; }

    /// <summary>Gets what is known of the operation: refused, never sent, or unknown.</summary>
    public OperationOutcome Outcome { get; }

    /// <summary>The setting that a refusal names; a program whose users set something else names that instead.</summary>
    internal const string CredentialsSetting = "DigestCredentials";

    /// <summary>Says whose permission was missing. What creates or deletes is ruled by the ACL of the parent; a wrong password shows in no other way than here.</summary>
    internal static string DescribeRefusal(string subject, string path, bool ruledByParent, bool isIdentified)
    {
        var znode = !ruledByParent ? path : path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "/";
        subject = subject.EndsWith($" {znode}", StringComparison.Ordinal) ? subject[..^(znode.Length + 1)] : subject;
        return isIdentified
            ? $"ZooKeeper refused {subject}: these credentials are not those that the znode {znode} was created for. Check user and password ({CredentialsSetting})."
            : $"ZooKeeper refused {subject}: the znode {znode} is closed to sessions without credentials. Set the user and password that it was created for ({CredentialsSetting}).";
    }

    /// <summary>Says what happened, to what, and what to do.</summary>
    internal static string Describe(ZooKeeperErrorCode code, string? subject, OperationOutcome outcome)
    {
        var where = subject is null ? "" : $" ({subject})";
        return code switch
        {
            ZooKeeperErrorCode.NoNode => $"The znode does not exist{where}.",
            ZooKeeperErrorCode.NodeExists => $"The znode exists already{where}.",
            ZooKeeperErrorCode.BadVersion => $"The znode has been changed by somebody else{where}.",
            ZooKeeperErrorCode.NotEmpty => $"The znode has children{where}.",
            ZooKeeperErrorCode.NoAuth => $"Permission denied{where}. Check the ACL of the znode and the credentials of this session.",
            ZooKeeperErrorCode.ConnectionLoss when outcome == OperationOutcome.NotSent =>
                $"No connection to ZooKeeper; the request was not sent{where} and may be tried again.",
            ZooKeeperErrorCode.ConnectionLoss =>
                $"The connection to ZooKeeper broke before the answer came{where}; the request may or may not have been applied.",
            ZooKeeperErrorCode.SessionExpired => $"The ZooKeeper session has expired{where}; its ephemeral znodes are gone.",
            ZooKeeperErrorCode.NotReadOnly =>
                $"The connected server has lost its quorum and serves reads alone, so this was refused{where}; nothing was applied. Try again once the session's state is Connected, or connect without AllowReadOnly.",
            ZooKeeperErrorCode.NoChildrenForEphemerals => $"An ephemeral znode cannot have children{where}.",
            ZooKeeperErrorCode.InvalidAcl =>
                $"The ACL is not valid{where}: it must not be empty, its identities must have the form of their scheme, and 'auth' needs a session that has proved an identity.",
            ZooKeeperErrorCode.NoWatcher => $"There is no such watch{where}.",
            ZooKeeperErrorCode.ReconfigDisabled => $"Reconfiguration is switched off{where}: set reconfigEnabled=true on every server.",
            ZooKeeperErrorCode.ReconfigInProgress => $"Another reconfiguration is under way{where}; try again when it is done.",
            ZooKeeperErrorCode.NewConfigNoQuorum =>
                $"The new configuration would have no quorum{where}: start the joining servers and let them catch up with the leader, then try again.",
            ZooKeeperErrorCode.QuotaExceeded => $"A quota on this path or one above it is exceeded{where}.",
            ZooKeeperErrorCode.Unimplemented => $"This ZooKeeper server does not know the operation{where}; it may be too old.",
            _ => $"ZooKeeper answered {code} ({(int)code}){where}.",
        };
    }
}
