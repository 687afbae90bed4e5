namespace RingKeeper.ZooKeeper.Embedded.Tree;

/// <summary>Whom watches tell. A connection is one; it must not block.</summary>
internal interface IWatcher
{
    /// <summary>Tells one event.</summary>
    void Notify(TreeChange change);
}
