using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Runs operations on the shard that serves a key, and again on the one that serves it next where that does no harm.</summary>
public static class ConnectorOperations
{
    /// <summary>The key in <see cref="Exception.Data"/> under which an error that ended several attempts says what was tried, as text.</summary>
    public const string TriedKey = "RingKeeper.Tried";

    /// <summary>How long an operation may take, attempts and waits together, when its caller names no deadline: 10 s.</summary>
    public static TimeSpan DefaultDeadline { get; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Runs an operation on the shard that serves a key. When it fails because its shard died, it is run again once routes have changed or
    /// the connection is restored, as far as the category allows, until the deadline.
    /// </summary>
    /// <typeparam name="T">What the operation gives.</typeparam>
    /// <param name="connector">Finds the shard.</param>
    /// <param name="key">The key.</param>
    /// <param name="operation">The operation: one command, one script or one transaction on the route's database, begun anew at each call.</param>
    /// <param name="category">
    /// What a repetition would do (default: <see cref="CommandFlags.CommandRetryWriteAccumulating"/>). Up to
    /// <see cref="CommandFlags.CommandRetryWriteLastWins"/> the operation may be run again whatever became of it: reads, and writes whose
    /// repetition does no harm; it may then land on another shard. Above, it is run again only where it surely was not applied, as when there was
    /// no connection to send it over. With <see cref="CommandFlags.CommandRetryNever"/> it is never run twice, and only finding its shard
    /// is tried again: for operations of several commands.
    /// </param>
    /// <param name="policy">How far the key may move from its owner (default: <see cref="RoutePolicy.Failover"/>).</param>
    /// <param name="deadline">How long all may take (default: <see cref="DefaultDeadline"/>); <see cref="Timeout.InfiniteTimeSpan"/> leaves it to the token.</param>
    /// <param name="cancellationToken">Ends the waiting; what was sent may still be applied.</param>
    /// <returns>What the operation gave.</returns>
    /// <exception cref="ArgumentException">The category is none of the retry categories of <see cref="CommandFlags"/>, or the deadline is negative or above 24 days.</exception>
    /// <exception cref="OperationCanceledException">The caller's token was cancelled.</exception>
    /// <exception cref="RingKeeperException">No shard serves the key; or an attempt was under way at the deadline and may yet be applied, whatever became of those before it.</exception>
    /// <remarks>An error of the operation is thrown as it is: the last one, if it was run several times. Errors that the server answers are not tried again.</remarks>
    public static Task<T> ExecuteAsync<T>(
        this IConnector connector,
        RedisKey key,
        Func<ShardRoute, Task<T>> operation,
        CommandFlags category = CommandFlags.CommandRetryWriteAccumulating,
        RoutePolicy policy = RoutePolicy.Failover,
        TimeSpan? deadline = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connector);
        ArgumentNullException.ThrowIfNull(operation);
        if (!ShardRetryPolicy.IsCategory(category))
        {
            throw new ArgumentException($"'{category}' is not one of the retry categories of CommandFlags, such as CommandRetryReadOnly.", nameof(category));
        }

        var limit = deadline ?? DefaultDeadline;
        if (limit != Timeout.InfiniteTimeSpan && (limit < TimeSpan.Zero || limit.TotalMilliseconds > int.MaxValue))
        {
            throw new ArgumentException($"The deadline is {limit}. Set it to a time from zero to 24 days, or to Timeout.InfiniteTimeSpan.", nameof(deadline));
        }

        return new OperationLoop<T>(connector, key, operation, category, policy, limit).RunAsync(cancellationToken);
    }

    /// <summary>Runs an operation without a result; see the other form.</summary>
    /// <param name="connector">Finds the shard.</param>
    /// <param name="key">The key.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="category">What a repetition would do (default: <see cref="CommandFlags.CommandRetryWriteAccumulating"/>).</param>
    /// <param name="policy">How far the key may move from its owner (default: <see cref="RoutePolicy.Failover"/>).</param>
    /// <param name="deadline">How long all may take (default: <see cref="DefaultDeadline"/>).</param>
    /// <param name="cancellationToken">Ends the waiting; what was sent may still be applied.</param>
    /// <returns>The operation.</returns>
    public static Task ExecuteAsync(
        this IConnector connector,
        RedisKey key,
        Func<ShardRoute, Task> operation,
        CommandFlags category = CommandFlags.CommandRetryWriteAccumulating,
        RoutePolicy policy = RoutePolicy.Failover,
        TimeSpan? deadline = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return connector.ExecuteAsync(
            key,
            async route =>
            {
                await operation(route).ConfigureAwait(false);
                return true;
            },
            category,
            policy,
            deadline,
            cancellationToken);
    }
}
