using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Tells errors of a shard that is away from all others. Pure.</summary>
internal static class ShardAwayRules
{
    /// <summary>Whether an operation failed because no shard that may serve its key could be reached, or none answered.</summary>
    public static bool IsAway(Exception error) => error switch
    {
        NoShardAvailableException or ShardNotReadyException => true,
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } => false,
        RedisConnectionException or TimeoutException => true,

        // Checkers count a shard that says so dead.
        RedisServerException { Kind: RedisErrorKind.Loading or RedisErrorKind.MasterDown } => true,

        // Its connection was being opened for all of the ready timeout, or cannot be opened.
        RingKeeperException { InnerException: TimeoutException or RedisConnectionException } => true,
        _ => false,
    };
}
