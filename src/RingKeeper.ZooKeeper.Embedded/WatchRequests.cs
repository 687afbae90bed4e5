using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>Runs the operations on watches.</summary>
internal static class WatchRequests
{
    /// <returns>Null when the operation is not one on watches.</returns>
    public static Reply? Execute(OpCode type, ref JuteReader reader, Database database, IWatcher watcher)
    {
        switch (type)
        {
            case OpCode.SetWatches or OpCode.SetWatches2:
                var lost = SetWatchesRecord.Read(ref reader, withPersistent: type == OpCode.SetWatches2);
                database.Watches.Restore(lost, database.Tree, watcher);
                return Reply.Ok;
            case OpCode.AddWatch:
                return Add(PathModeRecord.Read(ref reader), database.Watches, watcher);
            case OpCode.RemoveWatches:
                var removed = PathModeRecord.Read(ref reader);
                return Remove(removed, database, watcher) ? Reply.Ok : ZooKeeperErrorCode.NoWatcher;
            case OpCode.CheckWatches:
                var looked = PathModeRecord.Read(ref reader);
                return Contains(looked, database, watcher) ? Reply.Ok : ZooKeeperErrorCode.NoWatcher;
            default:
                return null;
        }
    }

    private static Reply Add(PathModeRecord request, NodeWatches watches, IWatcher watcher)
    {
        watches.AddLasting(request.Path, watcher, (WatchMode)request.Mode switch
        {
            WatchMode.Persistent => WatchKind.Persistent,
            WatchMode.PersistentRecursive => WatchKind.Recursive,
            _ => throw new JuteException($"The watch mode {request.Mode} is not known."),
        });
        return Reply.With(writer => writer.WriteInt32(0));
    }

    private static bool Remove(PathModeRecord request, Database database, IWatcher watcher)
    {
        var (tables, kinds) = database.Rules.WatchesOf(request.Mode);
        return database.Watches.Remove(request.Path, watcher, tables, kinds);
    }

    private static bool Contains(PathModeRecord request, Database database, IWatcher watcher)
    {
        var (tables, kinds) = database.Rules.WatchesOf(request.Mode);
        return database.Watches.Contains(request.Path, watcher, tables, kinds);
    }
}
