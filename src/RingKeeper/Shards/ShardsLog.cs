using Microsoft.Extensions.Logging;

namespace RingKeeper;

/// <summary>What the room Shards logs.</summary>
internal static partial class ShardsLog
{
    [LoggerMessage(3001, LogLevel.Information, "Cluster '{Cluster}': {Opened} connections to shards opened, {Removed} removed; {Shards} shards on the ring")]
    public static partial void ConnectionsChanged(ILogger logger, string cluster, int opened, int removed, int shards);

    [LoggerMessage(3002, LogLevel.Warning, "Cluster '{Cluster}': the connection to shard {Addr} is not open after {Timeout}; it is taken into use without waiting longer")]
    public static partial void OpenIsSlow(ILogger logger, string cluster, string addr, TimeSpan timeout);

    [LoggerMessage(3003, LogLevel.Error, "Cluster '{Cluster}': no connection to shard {Addr} can be opened")]
    public static partial void OpenFailed(ILogger logger, string cluster, string addr, Exception exception);

    [LoggerMessage(3004, LogLevel.Warning, "Cluster '{Cluster}': the connection to removed shard {Addr} still had {Outstanding} operations outstanding after {Timeout} and is closed")]
    public static partial void DrainTimedOut(ILogger logger, string cluster, string addr, long outstanding, TimeSpan timeout);

    [LoggerMessage(3005, LogLevel.Warning, "Cluster '{Cluster}': closing the connection to shard {Addr} failed")]
    public static partial void CloseFailed(ILogger logger, string cluster, string addr, Exception exception);

    [LoggerMessage(3006, LogLevel.Error, "Cluster '{Cluster}': the feed of health statuses ended; shards keep the status they have")]
    public static partial void StatusFeedFailed(ILogger logger, string cluster, Exception exception);

    [LoggerMessage(3007, LogLevel.Warning, "Cluster '{Cluster}': shard {Addr} has restarted as run {RunId}, and the connection still reaches its earlier run; it is closed and opened anew")]
    public static partial void OldRunAnswers(ILogger logger, string cluster, string addr, string? runId);

    [LoggerMessage(3008, LogLevel.Warning, "Cluster '{Cluster}': shard {Addr} does not tell this client its run_id: {Reason}. After a restart, caches may give what it restored until the checkers have published the restart; give the client's user +eval +info")]
    public static partial void RunUntold(ILogger logger, string cluster, string addr, string reason);

    [LoggerMessage(3009, LogLevel.Warning, "Cluster '{Cluster}': for {Time} the connection to shard {Addr} has reached run {Reached}, and the checkers report run {Reported}; caches take every read for a miss meanwhile. Checkers may reach another server by this address than this client does, or no majority of them reports the restart")]
    public static partial void RunsDiffer(ILogger logger, string cluster, string addr, string reached, string reported, TimeSpan time);
}
