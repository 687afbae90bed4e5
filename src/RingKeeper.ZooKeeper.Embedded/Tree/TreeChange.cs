namespace RingKeeper.ZooKeeper.Embedded.Tree;

/// <summary>What a committed operation did to one znode, for the watches.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Path">The znode.</param>
/// <param name="Acl">Its ACL, for a deleted one the last; null when there is none to ask.</param>
/// <param name="ParentAcl">The ACL of its parent, where the change concerns the parent too.</param>
/// <param name="Zxid">The transaction; -1 for what is told later than it happened.</param>
internal readonly record struct TreeChange(WatchedEventType Type, string Path, IReadOnlyList<Acl>? Acl = null, IReadOnlyList<Acl>? ParentAcl = null, long Zxid = -1)
{
    /// <summary>Says whether somebody with these identities may hear of it: whoever may not read a znode is not told about it.</summary>
    public bool IsVisibleTo(IReadOnlyList<Identity> identities) => Acl is null || AclRules.Allows(Acl, AclPermissions.Read, identities);
}
