using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RingKeeper.Cli.Handlers;

/// <summary>How the commands connect to ZooKeeper.</summary>
internal static class Connection
{
    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(10);

    public static ZKConnectorOptions To(ZooKeeperAccess zooKeeper, ILoggerFactory? loggers = null) => new()
    {
        ZKServers = zooKeeper.Servers,
        ZKTimeout = zooKeeper.SessionTimeout ?? SessionTimeout,
        DigestCredentials = zooKeeper.Digest,
        Tls = zooKeeper.Tls,
        Sasl = zooKeeper.Sasl,
        LoggerFactory = loggers ?? NullLoggerFactory.Instance,
    };
}
