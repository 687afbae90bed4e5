namespace RingKeeper.ZooKeeper.Embedded.Tree;

/// <summary>How long a watch lasts and how far it sees.</summary>
internal enum WatchKind
{
    /// <summary>Gone after the first event.</summary>
    OneShot,

    /// <summary>Stays, for one path.</summary>
    Persistent,

    /// <summary>Stays, for a path and everything below it.</summary>
    Recursive,
}
