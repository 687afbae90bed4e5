namespace RingKeeper.ZooKeeper.Embedded.Tree;

/// <summary>
/// The watches of one table. In Apache ZooKeeper 3.6 to 3.8 there is at most one per watcher and path, the kind registered last
/// takes the place of the one before; as of 3.9 the kinds stand beside each other.
/// </summary>
internal sealed class WatchTable(bool kindsAreIndependent)
{
    private readonly Dictionary<string, Dictionary<IWatcher, WatchKind>> _byPath = [];
    private readonly Dictionary<IWatcher, HashSet<string>> _byWatcher = [];

    // While there is none, no ancestor needs to be looked at.
    private int _recursiveCount;

    public int Count => _byWatcher.Values.Sum(paths => paths.Count);

    public void Add(string path, IWatcher watcher, WatchKind kind)
    {
        if (!kindsAreIndependent)
        {
            Remove(path, watcher);
        }

        if (!_byPath.TryGetValue(path, out var watchers))
        {
            _byPath[path] = watchers = [];
        }

        if (!_byWatcher.TryGetValue(watcher, out var paths))
        {
            _byWatcher[watcher] = paths = [];
        }

        var before = watchers.GetValueOrDefault(watcher);
        watchers[watcher] = before | kind;
        paths.Add(path);
        _recursiveCount += (kind & ~before).HasFlag(WatchKind.Recursive) ? 1 : 0;
    }

    public bool Contains(string path, IWatcher watcher, WatchKind kinds = WatchKind.Any) =>
        _byPath.TryGetValue(path, out var watchers) && (watchers.GetValueOrDefault(watcher) & kinds) != WatchKind.None;

    public bool Remove(string path, IWatcher watcher, WatchKind kinds = WatchKind.Any)
    {
        if (!_byPath.TryGetValue(path, out var watchers) || (watchers.GetValueOrDefault(watcher) & kinds) == WatchKind.None)
        {
            return false;
        }

        var before = watchers[watcher];
        _recursiveCount -= (before & kinds).HasFlag(WatchKind.Recursive) ? 1 : 0;
        if ((before & ~kinds) is var rest and not WatchKind.None)
        {
            watchers[watcher] = rest;
            return true;
        }

        watchers.Remove(watcher);
        if (watchers.Count == 0)
        {
            _byPath.Remove(path);
        }

        var paths = _byWatcher[watcher];
        paths.Remove(path);
        if (paths.Count == 0)
        {
            _byWatcher.Remove(watcher);
        }

        return true;
    }

    public void RemoveAll(IWatcher watcher)
    {
        if (_byWatcher.TryGetValue(watcher, out var paths))
        {
            foreach (var path in paths.ToArray())
            {
                Remove(path, watcher);
            }
        }
    }

    /// <summary>Takes the watchers that an event concerns, using up one-shot watches.</summary>
    public HashSet<IWatcher> Trigger(TreeChange change)
    {
        var concerned = new HashSet<IWatcher>();
        if (_byPath.TryGetValue(change.Path, out var watchers))
        {
            foreach (var (watcher, kind) in watchers.ToArray())
            {
                if (kind != WatchKind.Recursive || IsForRecursive(change))
                {
                    concerned.Add(watcher);
                }

                if (kind.HasFlag(WatchKind.OneShot))
                {
                    Remove(change.Path, watcher, WatchKind.OneShot);
                }
            }
        }

        if (_recursiveCount > 0 && IsForRecursive(change))
        {
            AddRecursiveAncestors(change.Path, concerned);
        }

        return concerned;
    }

    private void AddRecursiveAncestors(string path, HashSet<IWatcher> concerned)
    {
        while (path.Length > 1)
        {
            path = DataTree.ParentOf(path);
            if (_byPath.TryGetValue(path, out var watchers))
            {
                concerned.UnionWith(watchers.Where(pair => pair.Value.HasFlag(WatchKind.Recursive)).Select(pair => pair.Key));
            }
        }
    }

    // The coming and going of a child reaches a recursive watch as an event of the child itself.
    private static bool IsForRecursive(TreeChange change) => change.Type != WatchedEventType.NodeChildrenChanged;
}
