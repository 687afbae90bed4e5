namespace RingKeeper.ZooKeeper.Embedded.Tree;

/// <summary>How long a watch lasts and how far it sees. A connection may watch one path in several ways.</summary>
[Flags]
internal enum WatchKind
{
    /// <summary>No watch.</summary>
    None = 0,

    /// <summary>Gone after the first event.</summary>
    OneShot = 1,

    /// <summary>Stays, for one path.</summary>
    Persistent = 2,

    /// <summary>Stays, for a path and everything below it.</summary>
    Recursive = 4,

    /// <summary>Whichever it is.</summary>
    Any = OneShot | Persistent | Recursive,
}
