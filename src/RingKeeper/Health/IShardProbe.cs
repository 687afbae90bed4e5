namespace RingKeeper;

/// <summary>Asks one shard whether it is well. The checker makes one a shard and never runs two probes of it at a time.</summary>
public interface IShardProbe : IAsyncDisposable
{
    /// <summary>Probes the shard once. It may end late or throw, but must not block its thread: the deadline counts from where it first waits.</summary>
    /// <param name="cancellationToken">Ends the probe at its deadline; ending by <see cref="OperationCanceledException"/> then counts as <see cref="ProbeOutcome.TimedOut"/>.</param>
    /// <returns>What was found. An exception counts as <see cref="ProbeOutcome.Failed"/>.</returns>
    ValueTask<ProbeResult> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>Completes when something between two probes suggests that the next is due at once, e.g. an idle connection that closed.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The wait; by default it only ends when cancelled.</returns>
    Task WaitForDisturbanceAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
}
