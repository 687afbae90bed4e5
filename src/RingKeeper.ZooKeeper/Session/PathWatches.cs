namespace RingKeeper.ZooKeeper.Session;

/// <summary>All that is watched on one path, and what the server knows of it.</summary>
internal sealed class PathWatches(string path)
{
    public string Path { get; } = path;

    public List<OneShotWatch> OneShots { get; } = [];

    public List<WatchSubscription> Subscriptions { get; } = [];

    /// <summary>The persistent watch as of the last request written on this connection; what is written later can rely on it.</summary>
    public WatchMode? Written { get; set; }

    /// <summary>addWatch requests that are written and unanswered.</summary>
    public int ArmsInFlight { get; set; }

    /// <summary>The persistent watch as of the last reply read on this connection; what is read later comes from it.</summary>
    public WatchMode? Armed { get; set; }

    /// <summary>Watching requests of this path that are written and unanswered.</summary>
    public int InFlight { get; set; }

    /// <summary>Gets a value indicating whether nobody relies on any watch of this path.</summary>
    public bool IsIdle => OneShots.Count == 0 && Subscriptions.Count == 0 && InFlight == 0;

    /// <summary>Gets the mode the subscriptions need: recursive serves both, persistent does not.</summary>
    public WatchMode? Needed =>
        Subscriptions.Count == 0 ? null
        : Subscriptions.Exists(s => s.Mode == WatchMode.PersistentRecursive) ? WatchMode.PersistentRecursive
        : WatchMode.Persistent;

    /// <summary>An event of this very path.</summary>
    public void Deliver(WatchedEventType type)
    {
        FireOneShots(type);
        foreach (var subscription in Subscriptions)
        {
            // A recursive watch promises no NodeChildrenChanged, though a one-shot watch of the same path may make the server send it.
            // A persistent subscriber served by a recursive watch gets the derived one; the sent one would be a second.
            if (type != WatchedEventType.NodeChildrenChanged
                || (subscription.Mode == WatchMode.Persistent && Armed != WatchMode.PersistentRecursive))
            {
                subscription.Events.Add(new WatchedEvent(type, Chroot.ToTold(Path)));
            }
        }
    }

    /// <summary>A child came or went, seen through the recursive watch, which itself never tells NodeChildrenChanged.</summary>
    public void DeliverDerivedChildrenChanged()
    {
        FireOneShots(WatchedEventType.NodeChildrenChanged);
        foreach (var subscription in Subscriptions)
        {
            if (subscription.Mode == WatchMode.Persistent)
            {
                subscription.Events.Add(new WatchedEvent(WatchedEventType.NodeChildrenChanged, Path));
            }
        }
    }

    /// <summary>An event of a znode below this path.</summary>
    public void DeliverDescendant(WatchedEvent change)
    {
        foreach (var subscription in Subscriptions)
        {
            if (subscription.Mode == WatchMode.PersistentRecursive)
            {
                subscription.Events.Add(change);
            }
        }
    }

    /// <summary>Ends the one-shot watches, of one kind or all, with an event that is not one of the znode.</summary>
    public void EndOneShots(WatchedEventType type, OneShotKind? kind = null)
    {
        foreach (var watch in OneShots)
        {
            if (kind is null || watch.Kind == kind)
            {
                watch.Fire(new WatchedEvent(type, Chroot.ToTold(Path)));
            }
        }

        OneShots.RemoveAll(watch => kind is null || watch.Kind == kind);
    }

    /// <summary>Ends the subscriptions, with an event or an exception.</summary>
    public void EndSubscriptions(Exception? failure, WatchedEventType? last = null)
    {
        foreach (var subscription in Subscriptions)
        {
            if (last is { } type)
            {
                subscription.Events.AddAlways(type);
            }

            subscription.Events.Complete(failure);
        }

        Subscriptions.Clear();
    }

    private void FireOneShots(WatchedEventType type)
    {
        for (var i = OneShots.Count - 1; i >= 0; i--)
        {
            if (OneShots[i].IsFor(type))
            {
                OneShots[i].Fire(new WatchedEvent(type, Chroot.ToTold(Path)));
                OneShots.RemoveAt(i);
            }
        }
    }
}
