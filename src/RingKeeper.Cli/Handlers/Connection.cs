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
        LoggerFactory = loggers ?? NullLoggerFactory.Instance,
    };

    /// <summary>Logs to standard error, one line each, so that standard output holds results alone.</summary>
    public static ILoggerFactory LogToStandardError() => LoggerFactory.Create(builder => builder
        .SetMinimumLevel(LogLevel.Information)
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.UseUtcTimestamp = true;
        }));
}
