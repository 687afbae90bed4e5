using RingKeeper.ZooKeeper.Session;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper;

/// <content>Persistent watches, and what becomes of watches.</content>
public sealed partial class ZooKeeperClient
{
    /// <summary>Sets a persistent watch (addWatch, ZooKeeper 3.6.0). The znode need not exist.</summary>
    /// <remarks>
    /// On a server older than that <see cref="WatchMode.Persistent"/> is served by one-shot watches that are set again after each event
    /// (<see cref="WatchSubscription.IsEmulated"/>); a Gap tells where a change may have come in between. <see cref="WatchMode.PersistentRecursive"/> is not:
    /// it would take two watches for every znode of the tree.
    /// </remarks>
    /// <param name="path">The path.</param>
    /// <param name="mode">The znode itself, or all below it too.</param>
    /// <param name="cancellationToken">Ends the waiting; a watch is then not left.</param>
    /// <returns>The subscription; the watch is set when the task completes.</returns>
    /// <exception cref="ZooKeeperServerTooOldException">The mode is <see cref="WatchMode.PersistentRecursive"/> and the server is older than 3.6.0.</exception>
    public async ValueTask<WatchSubscription> WatchAsync(string path, WatchMode mode, CancellationToken cancellationToken = default)
    {
        Target(path);
        try
        {
            return await _session.SubscribeAsync(path, mode, _boundTo, cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperServerTooOldException) when (mode == WatchMode.Persistent)
        {
            return await _session.SubscribeEmulatedAsync(path, _boundTo, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Asks the server whether this session watches a path over the present connection (checkWatches, ZooKeeper 3.5.0).</summary>
    /// <param name="path">The path.</param>
    /// <param name="kind">The kind of watch (default: any).</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>True when the server holds such a watch. One that nobody waits for any more may count until it fires.</returns>
    /// <exception cref="ZooKeeperServerTooOldException">
    /// The server is older than 3.5.0, or than 3.9.0 for <see cref="WatcherKind.Persistent"/> and <see cref="WatcherKind.PersistentRecursive"/>.
    /// </exception>
    public async ValueTask<bool> HasWatchAsync(string path, WatcherKind kind = WatcherKind.Any, CancellationToken cancellationToken = default)
    {
        Target(path);
        try
        {
            return await _session.HasWatchAsync(path, (int)kind, _boundTo, cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException exception) when (exception.Code == ZooKeeperErrorCode.MarshallingError
            && exception.Outcome == OperationOutcome.Refused && kind is WatcherKind.Persistent or WatcherKind.PersistentRecursive)
        {
            throw new ZooKeeperServerTooOldException($"{OpCode.CheckWatches} of the kind {kind}", "3.9.0", path, $"ask for {nameof(WatcherKind)}.{nameof(WatcherKind.Any)}");
        }
    }

    /// <summary>
    /// Removes everything that this client watches on a path (removeWatches, ZooKeeper 3.5.0): one-shot watches complete with
    /// <see cref="WatchedEventType.Removed"/>, subscriptions tell it and end. To end one subscription alone, dispose it.
    /// </summary>
    /// <remarks>What is asked for after the call is not touched.</remarks>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the waiting; the watches may still go.</param>
    /// <returns>True when there was anything to remove.</returns>
    /// <exception cref="ZooKeeperServerTooOldException">The server is older than 3.5.0; the watches stay.</exception>
    /// <exception cref="ZooKeeperException">The watches stay, but for an unknown outcome, after which the call may be repeated.</exception>
    public ValueTask<bool> RemoveWatchesAsync(string path, CancellationToken cancellationToken = default)
    {
        Target(path);
        return _session.RemoveWatchesAsync(path, _boundTo, cancellationToken);
    }
}
