using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>In what the versions differ. Each rule stands here and nowhere else.</summary>
internal sealed class VersionRules(EmulatedVersion version)
{
    public static VersionRules Default { get; } = new(EmulatedVersion.V38);

    public string Name { get; } = version switch
    {
        EmulatedVersion.V34 => "3.4.14",
        EmulatedVersion.V35 => "3.5.10",
        EmulatedVersion.V36 => "3.6.4",
        EmulatedVersion.V39 => "3.9.5",
        _ => "3.8.0",
    };

    /// <summary>Whether there is <c>/zookeeper/config</c>.</summary>
    public bool HasConfig { get; } = version >= EmulatedVersion.V35;

    /// <summary>The highest flag of a create that is not a bad argument.</summary>
    public int MaxCreateFlag { get; } = version >= EmulatedVersion.V35 ? 6 : 3;

    /// <summary>ZOOKEEPER-4655.</summary>
    public bool EventsCarryZxid { get; } = version >= EmulatedVersion.V39;

    /// <summary>ZOOKEEPER-4466, -4471 and -4475: one connection may watch one path in several ways, and end one of them.</summary>
    public bool WatchModesAreIndependent { get; } = version >= EmulatedVersion.V39;

    /// <summary>ZOOKEEPER-2590, in 3.9 as of 3.9.2.</summary>
    public bool ExistsNeedsRead { get; } = version >= EmulatedVersion.V39;

    /// <summary>The highest watcher type of removeWatches and checkWatches.</summary>
    public int MaxWatcherType { get; } = version >= EmulatedVersion.V39 ? 5 : 3;

    public bool Knows(OpCode type) => type switch
    {
        OpCode.Create2 or OpCode.Reconfig or OpCode.CheckWatches or OpCode.RemoveWatches or OpCode.CreateContainer or OpCode.CreateTtl => version >= EmulatedVersion.V35,
        OpCode.MultiRead or OpCode.GetEphemerals or OpCode.GetAllChildrenNumber or OpCode.SetWatches2 or OpCode.AddWatch => version >= EmulatedVersion.V36,
        OpCode.WhoAmI => version >= EmulatedVersion.V38,
        _ => true,
    };

    /// <summary>What a watcher type of removeWatches and checkWatches means.</summary>
    public (WatchTables Tables, WatchKind Kinds) WatchesOf(int watcherType)
    {
        if (watcherType < 1 || watcherType > MaxWatcherType)
        {
            throw new JuteException($"The watcher type {watcherType} is not known.");
        }

        return watcherType switch
        {
            4 => (WatchTables.Any, WatchKind.Persistent),
            5 => (WatchTables.Any, WatchKind.Recursive),
            3 => (WatchTables.Any, WatchKind.Any),
            _ => ((WatchTables)watcherType, WatchModesAreIndependent ? WatchKind.OneShot : WatchKind.Any),
        };
    }
}
