namespace RingKeeper.ZooKeeper;

/// <summary>
/// Watches the one znode before the own in a line, so that nobody else is woken when it goes. Used by one loop alone; what fires only wakes it.
/// </summary>
/// <remarks>
/// It lists the children of a znode that cannot have any, which leaves a watch that fires on deletion alone, whatever is written into it; and which
/// leaves none where the znode is gone, as an exists would for good.
/// </remarks>
/// <param name="store">Where the line stands.</param>
/// <param name="wake">Wakes the loop when the watch fires.</param>
/// <param name="went">Called in the loop when the predecessor is found gone: the line has to be listed again.</param>
internal sealed class PredecessorWatch(IZNodeStore store, Action wake, Action went)
{
    private (string Path, Task<WatchedEvent> Gone)? _watched;

    /// <summary>Forgets the watch: it belonged to a line that is gone.</summary>
    public void Forget() => _watched = null;

    /// <summary>Watches this znode and no other.</summary>
    public async Task WatchAsync(string path, CancellationToken cancellationToken)
    {
        if (_watched is { Gone.IsCompleted: true })
        {
            _watched = null;
            went();
        }

        if (_watched?.Path == path)
        {
            return;
        }

        try
        {
            var watch = await store.GetChildrenAndWatchAsync(path, cancellationToken).ConfigureAwait(false);
            _watched = (path, watch.Changed);
            WakeWhen(watch.Changed, wake);
        }
        catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoNode)
        {
            // Gone between the list and the watch.
            went();
        }
    }

    /// <summary>Calls back when a one-shot watch fires.</summary>
    public static void WakeWhen(Task<WatchedEvent> changed, Action wake) =>
        _ = changed.ContinueWith(_ => wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
