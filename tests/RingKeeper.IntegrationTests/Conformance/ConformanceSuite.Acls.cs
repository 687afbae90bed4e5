using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

public abstract partial class ConformanceSuite
{
    private static readonly Acl[] s_manyAcl =
    [
        new(AclPermissions.Read, "world", "anyone"), new(AclPermissions.Write, "digest", "u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ="), new(AclPermissions.Admin, "ip", "127.0.0.1"),
        new(AclPermissions.None, "ip", "10.0.0.0/8"),
    ];

    public static TheoryData<int, string, int> Permissions
    {
        get
        {
            var data = new TheoryData<int, string, int>();
            foreach (var bit in new[] { 1, 2, 4, 8, 16 })
            {
                data.Add(bit, "exists", 0);
                data.Add(bit, "getData", 1);
                data.Add(bit, "getChildren", 1);
                data.Add(bit, "getChildren2", 1);
                data.Add(bit, "getAllChildrenNumber", 1);
                data.Add(bit, "check", 1);
                data.Add(bit, "getACL", 1 | 16);
                data.Add(bit, "setData", 2);
                data.Add(bit, "create", 4);
                data.Add(bit, "delete a child", 8);
                data.Add(bit, "setACL", 16);
                data.Add(bit, "sync", 0);
                data.Add(bit, "addWatch", 0);
                data.Add(bit, "delete", 0);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Permissions))]
    public async Task Each_operation_needs_its_permission_and_no_other(int granted, string what, int needed)
    {
        await MakeAsync("a");
        if (what != "delete")
        {
            await MakeAsync("a/child");
        }

        await Client.DoAsync(Request.SetAcl(At("a"), [new Acl((AclPermissions)granted, "world", "anyone")]));
        await server.SettleAsync();
        var request = what switch
        {
            "exists" => Request.Exists(At("a")),
            "getData" => Request.GetData(At("a")),
            "getChildren" => Request.GetChildren(At("a")),
            "getChildren2" => Request.GetChildren2(At("a")),
            "getAllChildrenNumber" => Request.OfPath(OpCode.GetAllChildrenNumber, At("a")),
            "check" => Request.Multi(Request.Check(At("a"))),
            "getACL" => Request.OfPath(OpCode.GetAcl, At("a")),
            "setData" => Request.SetData(At("a")),
            "create" => Request.Create(At("a/b")),
            "delete a child" => Request.Delete(At("a/child")),
            "setACL" => Request.SetAcl(At("a"), Acl.OpenToWorld),
            "sync" => Request.OfPath(OpCode.Sync, At("a")),
            "addWatch" => Request.AddWatch(At("a")),
            _ => Request.Delete(At("a")),
        };
        var reply = await Client.CallAsync(request);
        var error = request.Type == OpCode.Multi ? Assert.Single(MultiResult.Parse(reply.Body)).Error : reply.Error;
        Assert.Equal(needed == 0 || (granted & needed) != 0 ? Ok : NoAuth, error);
    }

    public static TheoryData<string, string> AclsRefused => new()
    {
        { "world", "x" }, { "world", "" }, { "digest", "bob" }, { "digest", "" }, { "digest", "a:b:c" }, { "digest", "b:" }, { "ip", "bad" }, { "ip", "1.2.3.4/33" },
        { "ip", "1.2.3.4/-1" }, { "ip", "::1" }, { "ip", "1.2.3" }, { "ip", "" }, { "auth", "" }, { "auth", "u:p" }, { "foo", "x" }, { "", "" }, { "super", "" },
    };

    [Theory]
    [MemberData(nameof(AclsRefused))]
    public async Task An_ACL_with_an_entry_that_cannot_be_is_refused(string scheme, string id)
    {
        Acl[] acl = [new(AclPermissions.All, "world", "anyone"), new(AclPermissions.All, scheme, id)];
        Assert.Equal(InvalidAcl, await Client.ErrorOfAsync(Request.Create(At("a"), acl: acl)));
        Assert.Equal(InvalidAcl, await Client.ErrorOfAsync(Request.SetAcl(Root, acl)));
        Assert.Equal(0, (await Client.StatAsync(Root)).Aversion);
    }

    [Fact]
    public async Task An_ACL_of_null_is_refused() =>
        Assert.Equal(InvalidAcl, await Client.ErrorOfAsync(new Request(OpCode.Create, "null acl", writer =>
        {
            writer.WriteString(At("a"));
            writer.WriteNullBuffer();
            writer.WriteInt32(-1);
            writer.WriteInt32(0);
        })));

    [Fact]
    public async Task An_ACL_is_kept_as_it_was_without_what_is_double()
    {
        await MakeAsync("a", acl: [.. s_manyAcl, .. s_manyAcl]);
        Assert.Equal(s_manyAcl, (await Client.DoAsync(Request.OfPath(OpCode.GetAcl, At("a")))).Acl);
    }

    [Fact]
    public async Task Whoever_may_not_change_an_ACL_sees_no_digest()
    {
        await MakeAsync("a", acl: s_manyAcl[..2]);
        Assert.Equal([s_manyAcl[0], s_manyAcl[1] with { Id = "u:x" }], (await Client.DoAsync(Request.OfPath(OpCode.GetAcl, At("a")))).Acl);
        await MakeAsync("b", acl: [s_manyAcl[0], s_manyAcl[1] with { Permissions = AclPermissions.Admin }]);
        await Client.DoAsync(Request.Auth("digest", "u:p"));
        Assert.Equal(s_manyAcl[1].Id, (await Client.DoAsync(Request.OfPath(OpCode.GetAcl, At("b")))).Acl[1].Id);
    }

    [Fact]
    public async Task The_creators_identities_take_the_place_of_auth()
    {
        await Client.DoAsync(Request.Auth("digest", "u:p"));
        await Client.DoAsync(Request.Auth("digest", "bob:secret"));
        await MakeAsync("a", acl: Acl.CreatorOnly);
        Assert.Equal(
            [Acl.Digest("bob", "secret"), Acl.Digest("u", "p")],
            (await Client.DoAsync(Request.OfPath(OpCode.GetAcl, At("a")))).Acl.OrderBy(entry => entry.Id, StringComparer.Ordinal));
        var other = await ConnectAsync();
        Assert.Equal(NoAuth, await other.ErrorOfAsync(Request.GetData(At("a"))));
        Assert.Equal(NoAuth, await other.ErrorOfAsync(Request.OfPath(OpCode.GetAcl, At("a"))));
        await other.DoAsync(Request.Auth("digest", "u:wrong"));
        Assert.Equal(NoAuth, await other.ErrorOfAsync(Request.GetData(At("a"))));
        await other.DoAsync(Request.Auth("digest", "u:p"));
        Assert.Equal(Ok, await other.ErrorOfAsync(Request.GetData(At("a"))));
    }

    [Fact]
    public async Task What_was_proved_is_forgotten_with_the_connection()
    {
        await Client.DoAsync(Request.Auth("digest", "u:p"));
        await MakeAsync("a", acl: Acl.CreatorOnly);
        var back = await ConnectAsync(resume: Client.Greeting);
        Assert.Equal(Client.SessionId, back.SessionId);
        Assert.Equal(NoAuth, await back.ErrorOfAsync(Request.GetData(At("a"))));
    }

    [Theory]
    [InlineData("127.0.0.1", Ok)]
    [InlineData("127.0.0.1/32", Ok)]
    [InlineData("127.0.0.0/8", Ok)]
    [InlineData("127.0.0.2", NoAuth)]
    [InlineData("127.0.0.2/31", NoAuth)]
    [InlineData("10.0.0.0/8", NoAuth)]
    public async Task An_address_is_an_identity(string id, ZooKeeperErrorCode expected)
    {
        await MakeAsync("a", acl: [new Acl(AclPermissions.All, "ip", id)]);
        Assert.Equal(expected, await Client.ErrorOfAsync(Request.GetData(At("a"))));
    }

    [Theory]
    [InlineData("foo")]
    [InlineData("")]
    [InlineData("world")]
    [InlineData("auth")]
    [InlineData("super")]
    [InlineData("x509")]
    public async Task An_unknown_scheme_fails_the_authentication_and_ends_the_connection_but_not_the_session(string scheme)
    {
        var reply = await Client.CallAsync(Request.Auth(scheme, "x"));
        Assert.Equal((0L, AuthFailed, 0), (reply.Zxid, reply.Error, reply.Body.Length));
        await AssertEndedAsync(Client.Connection);
        Assert.Equal(Client.SessionId, (await ConnectAsync(resume: Client.Greeting)).SessionId);
    }

    [Theory]
    [InlineData("u:p", "u")]
    [InlineData("u:p:q", "u")]
    [InlineData("nocolon", "nocolon")]
    [InlineData("", "")]
    [InlineData(":p", "")]
    public async Task Digest_takes_anything_and_whoAmI_tells_the_user(string credentials, string user)
    {
        await Client.DoAsync(Request.Auth("digest", credentials));
        await Client.DoAsync(Request.Auth("digest", credentials));
        await Client.DoAsync(Request.Auth("ip", "anything"));
        Assert.Equal([("digest", user), ("ip", "127.0.0.1")], Identities(await Client.DoAsync(Request.Of(OpCode.WhoAmI))));
    }

    [Fact]
    public async Task Without_authentication_whoAmI_tells_the_address() =>
        Assert.Equal([("ip", "127.0.0.1")], Identities(await Client.DoAsync(Request.Of(OpCode.WhoAmI))));

    private static List<(string Scheme, string User)> Identities(Embedded.RawReply reply)
    {
        var reader = new JuteReader(reply.Body);
        var identities = new List<(string, string)>();
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            identities.Add((reader.ReadString()!, reader.ReadString()!));
        }

        identities.Sort();
        return identities;
    }
}
