using System.Net.Security;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper.Session;

namespace RingKeeper.ZooKeeper.Security;

/// <summary>What is logged of TLS and SASL. Never a token, a password or a key.</summary>
internal static partial class SecurityLog
{
    [LoggerMessage(60, LogLevel.Debug, "The connection to {Server} is secured by {Protocol}, {Cipher}; the server is {Subject}")]
    public static partial void Secured(ILogger logger, ServerAddress server, SslProtocols protocol, TlsCipherSuite cipher, string? subject);

    [LoggerMessage(61, LogLevel.Debug, "Authenticated to {Server} by SASL {Mechanism}")]
    public static partial void Authenticated(ILogger logger, ServerAddress server, string mechanism);
}
