using Microsoft.Extensions.Logging;

namespace RingKeeper.Dashboard;

/// <summary>Every line that the dashboard logs, with stable ids. No keys, values or secrets.</summary>
internal static partial class DashboardLog
{
    [LoggerMessage(6001, LogLevel.Warning, "Dashboard of cluster {Cluster}: it shows what was last read: {Reason}")]
    public static partial void ShowsOld(ILogger logger, string cluster, string reason);

    [LoggerMessage(6002, LogLevel.Information, "Dashboard of cluster {Cluster}: it shows the present again")]
    public static partial void ShowsPresent(ILogger logger, string cluster);

    [LoggerMessage(6003, LogLevel.Error, "Dashboard of cluster {Cluster}: an unexpected fault; it is tried again")]
    public static partial void FeedFault(ILogger logger, string cluster, Exception fault);

    [LoggerMessage(6004, LogLevel.Warning, "Dashboard: instruments could not be read for /metrics and are missing there: {Reason}")]
    public static partial void InstrumentsFailed(ILogger logger, string reason);

    [LoggerMessage(6005, LogLevel.Debug, "Dashboard of cluster {Cluster}: {Count} live streams are open, as many as are allowed; others are turned away")]
    public static partial void StreamsFull(ILogger logger, string cluster, int count);
}
