using System.Net;
using Microsoft.Extensions.Logging;

namespace RingKeeper.ZooKeeper.Embedded;

internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Information, "Embedded ZooKeeper listens on {EndPoint}.")]
    public static partial void Listening(this ILogger logger, EndPoint? endPoint);

    [LoggerMessage(5002, LogLevel.Information, "Embedded ZooKeeper at {ConnectString} has stopped.")]
    public static partial void Stopped(this ILogger logger, string connectString);

    [LoggerMessage(5003, LogLevel.Error, "An operation failed unexpectedly.")]
    public static partial void OperationFailed(this ILogger logger, Exception exception);

    [LoggerMessage(5004, LogLevel.Debug, "Connection from {Peer} ended: {Reason}.")]
    public static partial void ConnectionEnded(this ILogger logger, EndPoint? peer, string reason);

    [LoggerMessage(5005, LogLevel.Warning, "Connection from {Peer} is dropped: {Reason}.")]
    public static partial void ConnectionDropped(this ILogger logger, EndPoint? peer, string reason);

    [LoggerMessage(5006, LogLevel.Information, "Session 0x{SessionId:x} is established with a timeout of {TimeoutMs} ms.")]
    public static partial void SessionEstablished(this ILogger logger, long sessionId, int timeoutMs);

    [LoggerMessage(5007, LogLevel.Information, "Session 0x{SessionId:x} is over: {Reason}.")]
    public static partial void SessionOver(this ILogger logger, long sessionId, string reason);

    [LoggerMessage(5008, LogLevel.Warning, "A client that has seen zxid 0x{SeenZxid:x} is turned away because this server is only at 0x{Zxid:x}: its data was wiped.")]
    public static partial void ClientIsAhead(this ILogger logger, long seenZxid, long zxid);

    [LoggerMessage(5009, LogLevel.Warning, "Accepting a connection failed.")]
    public static partial void AcceptFailed(this ILogger logger, Exception exception);

    [LoggerMessage(5010, LogLevel.Warning, "The port of {EndPoint} could not be kept while the server is stopped; a restart tries again.")]
    public static partial void PortLost(this ILogger logger, Exception exception, EndPoint? endPoint);

    [LoggerMessage(5011, LogLevel.Warning, "A reconfig is refused: {Reason}")]
    public static partial void ReconfigRefused(this ILogger logger, string reason);

    [LoggerMessage(5013, LogLevel.Information, "A fault strikes: {Kind} at {Operation} {Path} of session 0x{SessionId:x} ({Origin}).")]
    public static partial void FaultStruck(this ILogger logger, FaultKind kind, string operation, string path, long sessionId, string origin);

    [LoggerMessage(5012, LogLevel.Information, "Embedded ZooKeeper serves {Mode} from now on.")]
    public static partial void ModeChanged(this ILogger logger, string mode);
}
