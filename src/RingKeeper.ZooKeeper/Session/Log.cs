using Microsoft.Extensions.Logging;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>Everything the client logs. Never credentials, data or session passwords.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Session 0x{SessionId:x} is connected to {Server}; timeout {Timeout}, epoch {Epoch}")]
    public static partial void Connected(ILogger logger, long sessionId, ServerAddress server, TimeSpan timeout, int epoch);

    [LoggerMessage(2, LogLevel.Debug, "No session at {Server}: {Reason}")]
    public static partial void AttemptFailed(ILogger logger, ServerAddress server, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Session 0x{SessionId:x} lost its connection to {Server}: {Reason}")]
    public static partial void ConnectionLost(ILogger logger, long sessionId, string? server, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Session 0x{SessionId:x} has expired: {Reason}")]
    public static partial void Expired(ILogger logger, long sessionId, string reason);

    [LoggerMessage(5, LogLevel.Error, "Every server in reach closes the connection without an answer. Probably they know only zxids before 0x{LastZxid:x}, the last one seen here: has the ensemble lost its data or been restored from an older copy? Once this session is given up, the next one accepts the older state")]
    public static partial void ServersBehind(ILogger logger, long lastZxid);

    [LoggerMessage(6, LogLevel.Warning, "The next session accepts a server whose state may be older than zxid 0x{LastZxid:x}, which was seen before")]
    public static partial void AcceptingOlderState(ILogger logger, long lastZxid);

    [LoggerMessage(7, LogLevel.Error, "The server refused the credentials of scheme {Scheme}; the client is of no use any more. Correct the credentials and connect anew")]
    public static partial void AuthFailed(ILogger logger, string scheme);

    [LoggerMessage(8, LogLevel.Error, "The connection to {Server} is dropped because the server broke the protocol: {Reason}")]
    public static partial void ProtocolBroken(ILogger logger, Exception violation, string? server, string reason);

    [LoggerMessage(9, LogLevel.Debug, "Session 0x{SessionId:x} is closed")]
    public static partial void Closed(ILogger logger, long sessionId);

    [LoggerMessage(10, LogLevel.Warning, "No server confirmed in time that session 0x{SessionId:x} is closed; if it is not, it will expire by itself")]
    public static partial void CloseUnanswered(ILogger logger, long sessionId);

    [LoggerMessage(11, LogLevel.Critical, "The session loop ended by a defect; the client is closed")]
    public static partial void LoopBroken(ILogger logger, Exception exception);

    [LoggerMessage(30, LogLevel.Warning, "{Server} does not know {Operation}, which came with ZooKeeper {FirstVersion}; the client does without it there, if it can, and reconnects")]
    public static partial void OperationUnknown(ILogger logger, Wire.OpCode operation, ServerAddress server, string? firstVersion);

    [LoggerMessage(31, LogLevel.Error, "{Server} refused with {Code} to set {Count} watches again after the reconnect; each of them is told so. Whoever needs them must read and watch anew")]
    public static partial void WatchesRefused(ILogger logger, ServerAddress server, ZooKeeperErrorCode code, int count);

    [LoggerMessage(32, LogLevel.Error, "No server in reach opens a session: {Failures}. Check the limits and the authentication rules of the servers; the client goes on trying")]
    public static partial void SessionsRefused(ILogger logger, string failures);

    [LoggerMessage(33, LogLevel.Warning, "Session 0x{SessionId:x} is connected to {Server}, which lost its quorum and serves reads alone; the client looks for a better server")]
    public static partial void ConnectedReadOnly(ILogger logger, long sessionId, ServerAddress server);

    [LoggerMessage(34, LogLevel.Information, "{Server} serves writes; the client leaves the read-only server for it")]
    public static partial void ReadWriteServerFound(ILogger logger, ServerAddress server);
}
