using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded.Tree;

namespace RingKeeper.Simulator;

/// <summary>One watch of one client. Each is a watcher of its own, so that none takes another's place, which is what the real client sees to by itself.</summary>
internal sealed class ServerWatcher(ServerConnection connection, Action<WatchedEvent> arrived) : IWatcher
{
    public void Notify(TreeChange change)
    {
        if (connection.IsOpen)
        {
            connection.Reply(() => arrived(new WatchedEvent(change.Type, change.Path)));
        }
    }
}
