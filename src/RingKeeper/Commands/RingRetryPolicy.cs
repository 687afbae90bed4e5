using StackExchange.Redis;
using StackExchange.Redis.Availability;

namespace RingKeeper;

/// <summary>
/// Lets the library's <c>WithRetry</c> repeat commands of a ring: <c>cluster.GetDatabase().WithRetry(RingRetryPolicy.Default)</c>. A command whose shard was not
/// found was not sent, and is tried again on the views to come, whatever its category; what failed on its way to a shard
/// is judged by the library: by its retry category and by whether it was applied.
/// </summary>
/// <remarks>
/// How long all of it may take is the caller's: by the attempts and the delay between them, or by <c>WaitAsync</c> on the task. <c>ExecuteAsync</c> of the cluster
/// takes a deadline instead, and wakes as soon as the view changes.
/// </remarks>
public sealed class RingRetryPolicy : RetryPolicy
{
    /// <summary>Creates a policy.</summary>
    /// <param name="builder">Attempts, delays and the greatest category that may be repeated.</param>
    public RingRetryPolicy(Builder builder)
        : base(builder)
    {
    }

    /// <summary>Gets the policy with up to 40 attempts, 100 to 150 ms apart: longer than a decision takes with the checkers' defaults. Otherwise the library's defaults.</summary>
    public static new RingRetryPolicy Default { get; } = new(new Builder
    {
        MaxAttempts = 40,
        MaxAttemptsBeforeFailover = 40,
        RetryDelay = TimeSpan.FromMilliseconds(100),
        JitterMax = TimeSpan.FromMilliseconds(50),
    });

    /// <inheritdoc/>
    public override RetryResult CanRetry(in FaultContext fault) => fault.Fault switch
    {
        // Told before anything was sent. The category says nothing here: of errors that are not its own, the library gives out CommandRetryNever.
        NoShardAvailableException or ShardNotReadyException or StaleViewException => RetryResult.SameServer,

        // Its connection was being opened for all of the ready timeout.
        RingKeeperException { InnerException: TimeoutException } => RetryResult.SameServer,
        RingKeeperException => RetryResult.None,
        _ => base.CanRetry(fault),
    };
}
