using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.Simulator;

/// <summary>A watch as its client keeps it: left with the server of each connection anew, and told what was missed in between.</summary>
internal sealed class StoreWatch(int number, string path, StoreWatchKind kind, Action<WatchedEvent> heard)
{
    public int Number { get; } = number;

    public string Path { get; } = path;

    public bool IsOneShot => kind is StoreWatchKind.Data or StoreWatchKind.Exist or StoreWatchKind.Child;

    /// <summary>Whether it has been told all it will ever be.</summary>
    public bool IsOver { get; set; }

    public void Hear(WatchedEvent change)
    {
        if (!IsOver)
        {
            IsOver = IsOneShot;
            heard(change);
        }
    }

    /// <summary>Leaves it with a server for the first time.</summary>
    public void Arm(ServerConnection connection, Action<StoreWatch, WatchedEvent> arrived)
    {
        var (watcher, watches) = (Place(connection, arrived), connection.Server.Watches);
        switch (kind)
        {
            case StoreWatchKind.Data or StoreWatchKind.Exist:
                watches.AddData(Path, watcher);
                break;
            case StoreWatchKind.Child:
                watches.AddChild(Path, watcher);
                break;
            default:
                watches.AddLasting(Path, watcher, kind == StoreWatchKind.Recursive ? WatchKind.Recursive : WatchKind.Persistent);
                break;
        }
    }

    /// <summary>Leaves it with the server of a new connection; a one-shot watch is told at once what changed meanwhile.</summary>
    public void Rearm(ServerConnection connection, long lastZxid, Action<StoreWatch, WatchedEvent> arrived)
    {
        IReadOnlyCollection<string> Only(StoreWatchKind of) => kind == of ? [Path] : [];
        var record = new SetWatchesRecord(
            lastZxid, Only(StoreWatchKind.Data), Only(StoreWatchKind.Exist), Only(StoreWatchKind.Child), Only(StoreWatchKind.Persistent), Only(StoreWatchKind.Recursive));
        connection.Server.Watches.Restore(record, connection.Server.Tree, Place(connection, arrived));
    }

    private ServerWatcher Place(ServerConnection connection, Action<StoreWatch, WatchedEvent> arrived)
    {
        var watcher = new ServerWatcher(connection, change => arrived(this, change));
        connection.Watchers[Number] = watcher;
        return watcher;
    }
}

/// <summary>What a watch of a client sees.</summary>
internal enum StoreWatchKind
{
    Data,
    Exist,
    Child,
    Persistent,
    Recursive,
}
