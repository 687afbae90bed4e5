using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.Coordination;

public sealed class ClusterAclTests
{
    private static readonly Acl Bob = Acl.Digest("bob", "secret");

    [Fact]
    public void The_root_lets_everybody_in_and_its_creator_alone_change_the_ACL()
    {
        Assert.Equal([Bob, new Acl(AclPermissions.All & ~AclPermissions.Admin, "world", "anyone")], ClusterAcl.OfRoot([Bob]));
        Assert.Equal(Acl.OpenToWorld, ClusterAcl.OfRoot(Acl.OpenToWorld));
    }

    [Fact]
    public void What_comes_later_gets_the_ACL_of_the_cluster_unless_its_digests_do_not_show()
    {
        Assert.Equal([Bob], ClusterAcl.ToInherit([Bob]));
        Assert.Equal(Acl.OpenToWorld, ClusterAcl.ToInherit(Acl.OpenToWorld));
        Assert.Null(ClusterAcl.ToInherit([new Acl(AclPermissions.All, "digest", "bob:x"), new Acl(AclPermissions.Read, "world", "anyone")]));
    }

    [Theory]
    [InlineData(AclPermissions.Read, false)]
    [InlineData(AclPermissions.Write, true)]
    [InlineData(AclPermissions.Create, true)]
    [InlineData(AclPermissions.Delete, true)]
    [InlineData(AclPermissions.Admin, true)]
    [InlineData(AclPermissions.All, true)]
    public void Open_is_what_anybody_may_change(AclPermissions permissions, bool open)
    {
        Assert.Equal(open, ClusterAcl.IsOpen([Bob, new Acl(permissions, "world", "anyone")]));
        Assert.False(ClusterAcl.IsOpen([Bob, new Acl(permissions, "ip", "10.0.0.1")]));
    }
}
