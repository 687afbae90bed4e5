using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>Which ACL a cluster's znodes get. Pure.</summary>
internal static class ClusterAcl
{
    private const AclPermissions Change = AclPermissions.Write | AclPermissions.Create | AclPermissions.Delete | AclPermissions.Admin;

    /// <summary>
    /// The ACL of the root that all clusters share: everybody may list it and create clusters below, as Go programs must; only its
    /// creator may change the ACL. Nobody can delete another identity's cluster, since that has children which only its own ACL rules.
    /// </summary>
    public static IReadOnlyList<Acl> OfRoot(IReadOnlyList<Acl> own) => IsOpen(own)
        ? own
        : [.. own, new Acl(AclPermissions.Read | AclPermissions.Write | AclPermissions.Create | AclPermissions.Delete, "world", "anyone")];

    /// <summary>
    /// The ACL of what is created in a cluster later on: the cluster's own, whoever writes, so that a checker with credentials does not lock
    /// those without out of an open cluster. Null where this session may not see the digests: then the session's own.
    /// </summary>
    public static IReadOnlyList<Acl>? ToInherit(IReadOnlyList<Acl> ofCluster) =>
        ofCluster.Any(static entry => entry.Scheme == "digest" && entry.Id.EndsWith(":x", StringComparison.Ordinal)) ? null : ofCluster;

    /// <summary>Whether anybody who reaches ZooKeeper may change the znode.</summary>
    public static bool IsOpen(IReadOnlyList<Acl> acl) => acl.Any(static entry => entry is { Scheme: "world", Id: "anyone" } && (entry.Permissions & Change) != AclPermissions.None);
}
