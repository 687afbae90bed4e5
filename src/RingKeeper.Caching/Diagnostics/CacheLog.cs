using Microsoft.Extensions.Logging;

namespace RingKeeper;

/// <summary>What the cache logs: 4001 to 4019 here, its formats and faces from 4020 on.</summary>
internal static partial class CacheLog
{
    [LoggerMessage(4001, LogLevel.Warning, "Shard {Addr} holds something under a key of the cache that no cache of its format wrote; it is read as a miss. Told once; ringkeeper.cache.requests counts on with the result foreign. Do all programs use one Format, and no other program these keys?")]
    public static partial void ForeignCopy(ILogger logger, string addr);

    [LoggerMessage(4002, LogLevel.Debug, "A value that was loaded could not be stored")]
    public static partial void LoadNotStored(ILogger logger, Exception exception);

    [LoggerMessage(4003, LogLevel.Debug, "A miss on shard {Addr} could not be filled from the shard that served its key before")]
    public static partial void NotFilled(ILogger logger, string addr, Exception exception);
}
