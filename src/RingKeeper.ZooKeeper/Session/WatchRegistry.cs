namespace RingKeeper.ZooKeeper.Session;

/// <summary>
/// Who watches what, by path without the chroot, and how that is shared. Used under the session's lock.
/// </summary>
/// <remarks>
/// A server before 3.9 keeps one mode for a connection and path: any watch set later replaces the mode of the earlier one, and a
/// removal takes all of them (ZOOKEEPER-4466, -4471, -4475). Hence three rules. Subscriptions of both modes are served by one
/// recursive watch. A one-shot read of a path with a persistent watch sets no watch of its own and feeds on the persistent one.
/// A persistent watch is removed only once nothing on its path, one-shot or in flight, may rely on it.
/// </remarks>
internal sealed class WatchRegistry(Action<string> removalWanted)
{
    // An entry stays while somebody watches its path, a request of it is in flight, or the server holds a persistent watch of it.
    private readonly Dictionary<string, PathWatches> _paths = new(StringComparer.Ordinal);

    public int PathCount => _paths.Count;

    /// <summary>A watching read is written. True when a persistent watch serves it already.</summary>
    public bool BeginRead(string path)
    {
        var watches = GetOrAdd(path);
        watches.InFlight++;
        return watches.Written is not null;
    }

    /// <summary>An addWatch is written. Returns the mode to ask for: never a lesser one than the server was asked for before.</summary>
    public WatchMode BeginArm(string path, WatchMode wanted)
    {
        var watches = GetOrAdd(path);
        watches.InFlight++;
        watches.ArmsInFlight++;
        var mode = watches.Written == WatchMode.PersistentRecursive ? WatchMode.PersistentRecursive : wanted;
        watches.Written = mode;
        return mode;
    }

    /// <summary>A removal is about to be written. False when somebody relies on the path again, or the watch is gone already.</summary>
    public bool BeginRemoval(string path)
    {
        if (!_paths.TryGetValue(path, out var watches) || !watches.IsIdle || watches.Written is null)
        {
            return false;
        }

        _paths.Remove(path);
        return true;
    }

    /// <summary>A watching request is answered.</summary>
    public void EndRequest(string path)
    {
        var watches = _paths[path];
        watches.InFlight--;
        Tidy(watches);
    }

    public bool IsArmed(string path) => _paths.TryGetValue(path, out var watches) && watches.Armed is not null;

    public void Armed(string path, WatchMode mode)
    {
        var watches = _paths[path];
        watches.ArmsInFlight--;
        watches.Armed = mode;
    }

    /// <summary>An addWatch was refused: what holds is what was answered before, unless another one is on its way.</summary>
    public void ArmRefused(string path)
    {
        var watches = _paths[path];
        if (--watches.ArmsInFlight == 0)
        {
            watches.Written = watches.Armed;
        }
    }

    /// <summary>The watch is among those to be set again, and about to be written.</summary>
    public void BeginRearm(string path, WatchMode mode)
    {
        var watches = GetOrAdd(path);
        watches.Written = mode;
        Tidy(watches);
    }

    /// <summary>The watch is set again after a reconnect: whoever listens learns that changes may have been missed.</summary>
    public void Rearmed(string path, WatchMode mode)
    {
        if (!_paths.TryGetValue(path, out var watches) || watches.Written is null)
        {
            // Its last subscriber has left meanwhile and the removal is on its way.
            return;
        }

        watches.Armed = mode;
        foreach (var subscription in watches.Subscriptions)
        {
            subscription.Events.Add(new WatchedEvent(WatchedEventType.Gap, path));
        }
    }

    /// <summary>The server would not set these again: one-shot watches tell a Gap and end, subscriptions end with the reason.</summary>
    public void RearmRefused(
        IReadOnlyList<KeyValuePair<string, OneShotKind>> oneShots, IReadOnlyList<KeyValuePair<string, WatchMode>> persistent, ZooKeeperErrorCode code)
    {
        foreach (var (path, kind) in oneShots)
        {
            if (_paths.TryGetValue(path, out var watches))
            {
                watches.EndOneShots(WatchedEventType.Gap, kind);
                Tidy(watches);
            }
        }

        foreach (var (path, _) in persistent)
        {
            if (_paths.TryGetValue(path, out var watches))
            {
                watches.Written = null;
                watches.EndSubscriptions(
                    new ZooKeeperException(code, path, OperationOutcome.Refused, $"The server refused with {code} to set the watch of {path} again after a reconnect. Read and watch anew."));
                Tidy(watches);
            }
        }
    }

    /// <summary>Takes away all subscriptions: the server cannot serve them.</summary>
    public List<WatchSubscription> ReleaseSubscriptions()
    {
        var released = new List<WatchSubscription>();
        foreach (var watches in _paths.Values.ToList())
        {
            released.AddRange(watches.Subscriptions);
            watches.Subscriptions.Clear();
            Tidy(watches);
        }

        return released;
    }

    /// <summary>A removal of all that is watched on a path is about to be written. What is written behind it can rely on nothing before it.</summary>
    public void BeginRemovalOfAll(string path)
    {
        var watches = GetOrAdd(path);
        watches.InFlight++;
        watches.Written = null;
    }

    /// <summary>The removal is answered, and with it everything before it: what is watched now is what was removed. Tells whether there was anything.</summary>
    public bool EndRemovalOfAll(string path, bool isGone)
    {
        var watches = _paths[path];
        var had = watches.OneShots.Count > 0 || watches.Subscriptions.Count > 0;
        if (isGone)
        {
            watches.EndOneShots(WatchedEventType.Removed);
            watches.EndSubscriptions(failure: null, WatchedEventType.Removed);
            watches.Armed = null;
        }
        else if (watches.ArmsInFlight == 0)
        {
            watches.Written = watches.Armed;
        }

        EndRequest(path);
        return had;
    }

    /// <summary>Nobody waits for this one-shot watch any more.</summary>
    public void RemoveOneShot(string path, Task<WatchedEvent> watch)
    {
        if (_paths.TryGetValue(path, out var watches) && watches.OneShots.RemoveAll(w => w.Task == watch) > 0)
        {
            Tidy(watches);
        }
    }

    public void AddOneShot(string path, OneShotWatch watch) => GetOrAdd(path).OneShots.Add(watch);

    public void AddSubscription(WatchSubscription subscription) => GetOrAdd(subscription.Path).Subscriptions.Add(subscription);

    public void RemoveSubscription(WatchSubscription subscription)
    {
        if (_paths.TryGetValue(subscription.Path, out var watches) && watches.Subscriptions.Remove(subscription))
        {
            Tidy(watches);
        }
    }

    /// <summary>Hands an event of the server to everybody whom it concerns.</summary>
    public void Dispatch(WatchedEventType type, string path)
    {
        if (_paths.TryGetValue(path, out var watches))
        {
            watches.Deliver(type);
            Tidy(watches);
        }

        // No recursive watch reports it for an ancestor.
        if (type == WatchedEventType.NodeChildrenChanged)
        {
            return;
        }

        var lookup = _paths.GetAlternateLookup<ReadOnlySpan<char>>();
        var isParent = true;
        for (var ancestor = ParentOf(path); !ancestor.IsEmpty; ancestor = ParentOf(ancestor))
        {
            if (lookup.TryGetValue(ancestor, out var above) && above.Armed == WatchMode.PersistentRecursive)
            {
                above.DeliverDescendant(new WatchedEvent(type, path));
                if (isParent && type is WatchedEventType.NodeCreated or WatchedEventType.NodeDeleted)
                {
                    above.DeliverDerivedChildrenChanged();
                    Tidy(above);
                }
            }

            isParent = false;
        }
    }

    /// <summary>The watches of the server died with the connection; those who wait stay.</summary>
    public void ConnectionLost()
    {
        foreach (var (path, watches) in _paths.ToList())
        {
            (watches.Written, watches.Armed, watches.InFlight, watches.ArmsInFlight) = (null, null, 0, 0);
            if (watches.IsIdle)
            {
                _paths.Remove(path);
            }
        }
    }

    /// <summary>Lists what a new connection has to set: one-shot watches by kind, then persistent ones by mode.</summary>
    public RearmList ListForRearm()
    {
        var list = new RearmList();
        foreach (var watches in _paths.Values)
        {
            foreach (var kind in watches.OneShots.Select(w => w.Kind).Distinct())
            {
                list.OneShots.Add(new KeyValuePair<string, OneShotKind>(watches.Path, kind));
            }

            if (watches.Needed is { } mode)
            {
                list.Persistent.Add(new KeyValuePair<string, WatchMode>(watches.Path, mode));
            }
        }

        return list;
    }

    /// <summary>The session is gone: one-shot watches end, subscriptions are told and wait for the next session.</summary>
    public void Expire()
    {
        foreach (var watches in _paths.Values)
        {
            watches.EndOneShots(WatchedEventType.SessionExpired);
            watches.Subscriptions.ForEach(s => s.Events.AddAlways(WatchedEventType.SessionExpired));
        }

        ConnectionLost();
    }

    /// <summary>The client is closed: everything ends.</summary>
    public void Close()
    {
        foreach (var watches in _paths.Values)
        {
            watches.EndOneShots(WatchedEventType.Closed);
            foreach (var subscription in watches.Subscriptions)
            {
                subscription.Events.AddAlways(WatchedEventType.Closed);
                subscription.Events.Complete();
            }
        }

        _paths.Clear();
    }

    private static ReadOnlySpan<char> ParentOf(ReadOnlySpan<char> path)
    {
        var slash = path.LastIndexOf('/');
        return path.Length <= 1 || slash < 0 ? [] : slash == 0 ? "/" : path[..slash];
    }

    private PathWatches GetOrAdd(string path)
    {
        if (!_paths.TryGetValue(path, out var watches))
        {
            _paths.Add(path, watches = new PathWatches(path));
        }

        return watches;
    }

    private void Tidy(PathWatches watches)
    {
        if (!watches.IsIdle)
        {
            return;
        }

        if (watches.Written is null)
        {
            _paths.Remove(watches.Path);
        }
        else
        {
            removalWanted(watches.Path);
        }
    }
}

/// <summary>What a new connection has to set again.</summary>
internal sealed class RearmList
{
    public List<KeyValuePair<string, OneShotKind>> OneShots { get; } = [];

    public List<KeyValuePair<string, WatchMode>> Persistent { get; } = [];
}
