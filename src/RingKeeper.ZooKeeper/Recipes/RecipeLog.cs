using Microsoft.Extensions.Logging;

namespace RingKeeper.ZooKeeper;

/// <summary>Everything the recipes log.</summary>
internal static partial class RecipeLog
{
    [LoggerMessage(40, LogLevel.Warning, "{Path} is no longer held: {End}")]
    public static partial void TenureEnded(ILogger logger, string path, TenureEnd end);

    [LoggerMessage(41, LogLevel.Debug, "The lease of {Path} could not be renewed: {Reason}")]
    public static partial void LeaseNotRenewed(ILogger logger, string path, string reason);

    [LoggerMessage(42, LogLevel.Debug, "Waiting for {Path} goes on: {Reason}")]
    public static partial void WaitGoesOn(ILogger logger, string path, string reason);

    [LoggerMessage(43, LogLevel.Warning, "{Path} could not be deleted: {Reason}; it goes with its session, if it is ephemeral")]
    public static partial void NotDeleted(ILogger logger, string path, string reason);

    [LoggerMessage(44, LogLevel.Warning, "{Path} belongs to session 0x{Owner:x}, not to this one; it is made as soon as that one is gone")]
    public static partial void HeldByAnother(ILogger logger, string path, long owner);

    [LoggerMessage(45, LogLevel.Warning, "{Path} could not be kept up: {Reason}. It is tried again")]
    public static partial void EphemeralTrouble(ILogger logger, string path, string reason);

    [LoggerMessage(46, LogLevel.Warning, "The cache of {Path} could not read {Node}: {Reason}. It is tried again")]
    public static partial void CacheTrouble(ILogger logger, string path, string node, string reason);

    [LoggerMessage(47, LogLevel.Error, "The cache of {Path} has ended by a defect; what it holds is no longer kept up")]
    public static partial void CacheBroken(ILogger logger, Exception exception, string path);

    [LoggerMessage(48, LogLevel.Error, "The cache of {Path} has ended, and what it holds is no longer kept up: {Reason}")]
    public static partial void CacheUnwatched(ILogger logger, string path, string reason);
}
