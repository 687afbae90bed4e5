using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using RingKeeper.ZooKeeper.Embedded.Tree;
using Xunit;

namespace RingKeeper.Tests.Embedded;

public sealed class AclRulesTests
{
    private static readonly Identity Address = new("ip", "10.1.2.3");

    [Theory]
    [InlineData("u:p", "u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ=")]
    [InlineData("super:test", "super:D/InIHSb7yEEbrWz8b9l71RjZJU=")]
    [InlineData("bob:secret", "bob:fyVmFCwVbTJYrznoSu1koqYEYF0=")]
    public void Digest_credentials_become_the_known_identities(string credentials, string id) =>
        Assert.Equal(new Identity("digest", id), DigestScheme.Identify(System.Text.Encoding.UTF8.GetBytes(credentials)));

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("10.1.2.4", false)]
    [InlineData("10.1.0.0/16", true)]
    [InlineData("10.1.3.0/23", true)]
    [InlineData("10.1.4.0/23", false)]
    [InlineData("0.0.0.0/0", true)]
    public void An_ip_range_covers_its_addresses(string range, bool allowed) =>
        Assert.Equal(allowed, AclRules.Allows([new Acl(AclPermissions.Read, "ip", range)], AclPermissions.Read, [Address]));

    [Theory]
    [InlineData("world", "anyone", true)]
    [InlineData("world", "someone", false)]
    [InlineData("digest", "user:hash", true)]
    [InlineData("digest", "user:", false)]
    [InlineData("digest", "a:b:c", false)]
    [InlineData("ip", "10.0.0.0/33", false)]
    [InlineData("ip", "1.2.3", false)]
    [InlineData("ip", "::1", false)]
    [InlineData("nope", "x", false)]
    [InlineData("auth", "", false)]
    public void Malformed_entries_are_refused(string scheme, string id, bool valid) =>
        Assert.Equal(valid, AclRules.TryExpand([new Acl(AclPermissions.All, scheme, id)], [Address], out _));

    [Fact]
    public void Auth_becomes_what_was_proved_but_not_the_address()
    {
        var proved = new Identity("digest", "u:hash");
        Assert.True(AclRules.TryExpand(Acl.CreatorOnly, [Address, proved], out var stored));
        Assert.Equal([new Acl(AclPermissions.All, "digest", "u:hash")], stored);
    }

    [Fact]
    public void An_empty_list_is_refused_and_duplicates_are_dropped()
    {
        Assert.False(AclRules.TryExpand([], [Address], out _));
        Assert.True(AclRules.TryExpand([.. Acl.OpenToWorld, .. Acl.OpenToWorld], [Address], out var stored));
        Assert.Single(stored);
    }

    [Fact]
    public void Creating_and_deleting_ask_the_parent()
    {
        var tree = new TreeFixture();
        tree.Apply(TreeFixture.NewNode("/p", acl: [new Acl(AclPermissions.Create | AclPermissions.Admin, "world", "anyone")]));
        tree.Create("/p/c");
        Assert.Equal(ZooKeeperErrorCode.NoAuth, tree.Apply(new DeleteOperation("/p/c", -1)).Error);
        Assert.Equal(ZooKeeperErrorCode.NoAuth, tree.Apply(new SetDataOperation("/p", [], -1)).Error);
        Assert.Equal(ZooKeeperErrorCode.NoAuth, tree.Apply(new CheckOperation("/p", -1)).Error);
        tree.Apply(new SetAclOperation("/p", [new Acl(AclPermissions.Delete, "world", "anyone")], -1));
        Assert.Equal(ZooKeeperErrorCode.NoAuth, tree.Apply(TreeFixture.NewNode("/p/d")).Error);
        Assert.Equal(ZooKeeperErrorCode.Ok, tree.Apply(new DeleteOperation("/p/c", -1)).Error);
    }

    [Fact]
    public void A_reader_who_may_not_change_an_acl_does_not_see_digests() =>
        Assert.Equal([new Acl(AclPermissions.All, "digest", "u:x")], AclRules.Mask([new Acl(AclPermissions.All, "digest", "u:secret=")]));
}
