using RingKeeper.ZooKeeper.Session;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper;

/// <content>Persistent watches.</content>
public sealed partial class ZooKeeperClient
{
    /// <summary>Sets a persistent watch (ZooKeeper 3.6 or later). The znode need not exist.</summary>
    /// <param name="path">The path.</param>
    /// <param name="mode">The znode itself, or all below it too.</param>
    /// <param name="cancellationToken">Ends the waiting; a watch is then not left.</param>
    /// <returns>The subscription; the watch is set when the task completes.</returns>
    public ValueTask<WatchSubscription> WatchAsync(string path, WatchMode mode, CancellationToken cancellationToken = default)
    {
        Target(path);
        return _session.SubscribeAsync(path, mode, _boundTo, cancellationToken);
    }
}
