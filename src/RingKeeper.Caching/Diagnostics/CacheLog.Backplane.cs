using Microsoft.Extensions.Logging;

namespace RingKeeper;

/// <summary>What the backplane and the caches over it log.</summary>
internal static partial class CacheLog
{
    [LoggerMessage(4030, LogLevel.Information, "Backplane: shard {Addr} is heard on channel '{Channel}'")]
    public static partial void ShardHeard(ILogger logger, string addr, string channel);

    [LoggerMessage(4031, LogLevel.Warning, "Backplane: shard {Addr} is not heard any more on channel '{Channel}'; what is near is dropped until it is")]
    public static partial void ShardNotHeard(ILogger logger, string addr, string channel);

    [LoggerMessage(4032, LogLevel.Warning, "Backplane: no shard took a notice on channel '{Channel}'; one about everything will follow")]
    public static partial void NoticeNotSent(ILogger logger, string channel, Exception exception);

    [LoggerMessage(4033, LogLevel.Information, "Backplane: a notice about everything made good for those that no shard had taken on channel '{Channel}'")]
    public static partial void NoticeMadeGood(ILogger logger, string channel);

    [LoggerMessage(4034, LogLevel.Error, "HybridCache: what is near could not be dropped ({Kind}); it is tried again at the next gap")]
    public static partial void NotDropped(ILogger logger, CacheNoticeKind kind, Exception exception);
}
