namespace RingKeeper.ZooKeeper.Session;

/// <summary>
/// Decides whether a change may have come between the events of one-shot watches and the setting of the next ones. Only versions of one and the
/// same znode count without a gap, so only its own changes can be proved to be all; a creation or a deletion never can.
/// </summary>
internal static class OneShotGap
{
    public static bool IsExplained(Stat? before, IReadOnlyList<WatchedEvent> events, Stat? now)
    {
        if (before is not { } old || now is not { } present || old.Czxid != present.Czxid)
        {
            return before is null && now is null && events.Count == 0;
        }

        int dataChanges = 0, childChanges = 0;
        foreach (var change in events)
        {
            switch (change.Type)
            {
                case WatchedEventType.NodeDataChanged:
                    dataChanges++;
                    break;
                case WatchedEventType.NodeChildrenChanged:
                    childChanges++;
                    break;
                default:
                    return false;
            }
        }

        // What fired no watch may have changed as far as a watch that is still set will tell.
        return (dataChanges == 0 || present.Version == old.Version + dataChanges)
            && (childChanges == 0 || present.Cversion == old.Cversion + childChanges);
    }
}
