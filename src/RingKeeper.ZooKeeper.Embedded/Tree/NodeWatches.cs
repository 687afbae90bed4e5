using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded.Tree;

/// <summary>The data table and the child table of watches, and which change concerns which.</summary>
internal sealed class NodeWatches(bool kindsAreIndependent = false)
{
    private readonly WatchTable _data = new(kindsAreIndependent);
    private readonly WatchTable _child = new(kindsAreIndependent);

    public int Count => _data.Count + _child.Count;

    public void AddData(string path, IWatcher watcher) => _data.Add(path, watcher, WatchKind.OneShot);

    public void AddChild(string path, IWatcher watcher) => _child.Add(path, watcher, WatchKind.OneShot);

    public void AddLasting(string path, IWatcher watcher, WatchKind kind)
    {
        _data.Add(path, watcher, kind);

        // Where the kinds are independent, a recursive watch stands in the data table alone: that one tells it all it may hear.
        if (!kindsAreIndependent || kind != WatchKind.Recursive)
        {
            _child.Add(path, watcher, kind);
        }
    }

    public bool Contains(string path, IWatcher watcher, WatchTables tables, WatchKind kinds = WatchKind.Any) =>
        (tables.HasFlag(WatchTables.Child) && _child.Contains(path, watcher, kinds)) || (tables.HasFlag(WatchTables.Data) && _data.Contains(path, watcher, kinds));

    public bool Remove(string path, IWatcher watcher, WatchTables tables, WatchKind kinds = WatchKind.Any)
    {
        var fromChild = tables.HasFlag(WatchTables.Child) && _child.Remove(path, watcher, kinds);
        var fromData = tables.HasFlag(WatchTables.Data) && _data.Remove(path, watcher, kinds);
        return fromChild || fromData;
    }

    public void RemoveAll(IWatcher watcher)
    {
        _data.RemoveAll(watcher);
        _child.RemoveAll(watcher);
    }

    public void Fire(IEnumerable<TreeChange> changes)
    {
        foreach (var change in changes)
        {
            Fire(change);
        }
    }

    /// <summary>Sets the watches of a connection that is back, telling at once what it has missed. Lasting watches get no such news.</summary>
    public void Restore(SetWatchesRecord lost, DataTree tree, IWatcher watcher)
    {
        foreach (var path in lost.Data)
        {
            var node = tree.Find(path);
            CatchUp(watcher, new TreeChange(node is null ? WatchedEventType.NodeDeleted : WatchedEventType.NodeDataChanged, path), node is null || node.Mzxid > lost.RelativeZxid, _data);
        }

        foreach (var path in lost.Exist)
        {
            var node = tree.Find(path);
            CatchUp(watcher, new TreeChange(WatchedEventType.NodeCreated, path), node is not null, _data);
        }

        foreach (var path in lost.Child)
        {
            var node = tree.Find(path);
            CatchUp(watcher, new TreeChange(node is null ? WatchedEventType.NodeDeleted : WatchedEventType.NodeChildrenChanged, path), node is null || node.Pzxid > lost.RelativeZxid, _child);
        }

        foreach (var path in lost.Persistent)
        {
            AddLasting(path, watcher, WatchKind.Persistent);
        }

        foreach (var path in lost.PersistentRecursive)
        {
            AddLasting(path, watcher, WatchKind.Recursive);
        }
    }

    private static void CatchUp(IWatcher watcher, TreeChange change, bool missed, WatchTable table)
    {
        if (missed)
        {
            watcher.Notify(change);
        }
        else
        {
            table.Add(change.Path, watcher, WatchKind.OneShot);
        }
    }

    private void Fire(TreeChange change)
    {
        var told = _data.Trigger(change);
        Tell(told, change);
        if (change.Type == WatchedEventType.NodeDataChanged)
        {
            return;
        }

        if (change.Type == WatchedEventType.NodeDeleted)
        {
            // Whoever watches data and children of a znode hears of its end once.
            var toTell = _child.Trigger(change);
            toTell.ExceptWith(told);
            Tell(toTell, change);
        }

        var parent = new TreeChange(WatchedEventType.NodeChildrenChanged, DataTree.ParentOf(change.Path), change.ParentAcl, Zxid: change.Zxid);
        Tell(_child.Trigger(parent), parent);
    }

    private static void Tell(HashSet<IWatcher> watchers, TreeChange change)
    {
        foreach (var watcher in watchers)
        {
            watcher.Notify(change);
        }
    }
}
