namespace RingKeeper.ZooKeeper.Embedded.Tree;

/// <summary>Names the tables of watches; the values are the watcher types of removeWatches and checkWatches.</summary>
[Flags]
internal enum WatchTables
{
    /// <summary>No table.</summary>
    None = 0,

    /// <summary>Watches on children.</summary>
    Child = 1,

    /// <summary>Watches on data and existence.</summary>
    Data = 2,

    /// <summary>Both tables.</summary>
    Any = 3,
}
