using StackExchange.Redis;
using StackExchange.Redis.Availability;

namespace RingKeeper;

/// <summary>Decides whether what failed may be tried again. Pure.</summary>
internal static class ShardRetryPolicy
{
    private const CommandFlags Categories = CommandFlags.CommandRetryNever;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    public static bool IsCategory(CommandFlags flags) => flags != CommandFlags.None && (flags | Categories) == Categories;

    /// <summary>Decides.</summary>
    /// <param name="error">What went wrong.</param>
    /// <param name="started">Whether the operation was begun; if not, its shard was not found.</param>
    /// <param name="routesChanged">Whether routes have changed since its route was asked for.</param>
    /// <param name="category">What the caller says of a repetition.</param>
    public static bool MayRetry(Exception error, bool started, bool routesChanged, CommandFlags category)
    {
        if (!IsShardFailure(error, started, routesChanged))
        {
            return false;
        }

        if (!started)
        {
            return true;
        }

        return category <= CommandFlags.CommandRetryWriteLastWins || (category != CommandFlags.CommandRetryNever && WasNotApplied(error));
    }

    /// <summary>How long to wait before another attempt when nothing tells that it is worth while.</summary>
    /// <param name="attempts">How many were made.</param>
    public static TimeSpan PauseAfter(int attempts)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(attempts - 1, 10));
        return pause < LongestPause ? pause : LongestPause;
    }

    // Whether it went wrong because the shard is away, or because the view lags behind what became of it.
    private static bool IsShardFailure(Exception error, bool started, bool routesChanged) => error switch
    {
        NoShardAvailableException or ShardNotReadyException or StaleViewException => true,
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } => false,
        RedisConnectionException => true,
        TimeoutException => true,

        // A shard that says so is counted dead by the checkers too. Any other answer proves that it lives.
        RedisServerException { Kind: RedisErrorKind.Loading or RedisErrorKind.MasterDown } => true,

        // The connection to a removed shard was closed before the operation came to it.
        ObjectDisposedException => started && routesChanged,

        // Its connection was being opened for all of the ready timeout.
        RingKeeperException { InnerException: TimeoutException } => !started,
        _ => false,
    };

    private static bool WasNotApplied(Exception error) =>
        error is StaleViewException
            or RedisConnectionException { FailureType: ConnectionFailureType.UnableToResolvePhysicalConnection, CommandStatus: not CommandStatus.Sent }
        || new FaultContext(error).NotApplied;
}
