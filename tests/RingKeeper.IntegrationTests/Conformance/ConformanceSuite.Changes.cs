using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

public abstract partial class ConformanceSuite
{
    [Fact]
    public async Task Each_setData_takes_a_zxid_and_a_version()
    {
        var before = (await Client.DoAsync(Request.Create(At("a"), [1], type: OpCode.Create2))).Stat;
        var reply = await Client.DoAsync(Request.SetData(At("a"), [1, 2, 3], version: 0));
        Assert.Equal(68, reply.Body.Length);
        Assert.InRange(reply.Stat.Mtime, before.Mtime, long.MaxValue);
        Assert.Equal(before with { Mzxid = reply.Zxid, Mtime = reply.Stat.Mtime, Version = 1, DataLength = 3 }, reply.Stat);
        Assert.Equal(2, (await Client.DoAsync(Request.SetData(At("a"), null))).Stat.Version);
        Assert.Equal(0, (await Client.StatAsync(At("a"))).DataLength);
        Assert.Null((await Client.DoAsync(Request.GetData(At("a")))).Data);
        Assert.Equal(3, (await Client.DoAsync(Request.SetData(At("a"), [], version: 2))).Stat.Version);
        Assert.Empty((await Client.DoAsync(Request.GetData(At("a")))).Data!);
    }

    [Fact]
    public async Task A_change_of_a_znode_does_not_touch_its_parent()
    {
        await MakeAsync("a");
        var before = await Client.StatAsync(Root);
        await Client.DoAsync(Request.SetData(At("a"), [1]));
        await Client.DoAsync(Request.SetAcl(At("a"), Acl.OpenToWorld));
        Assert.Equal(before, await Client.StatAsync(Root));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-2)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public async Task Any_other_version_is_refused_and_changes_nothing(int version)
    {
        var before = (await Client.DoAsync(Request.Create(At("a"), [1], type: OpCode.Create2))).Stat;
        Assert.Equal(BadVersion, await Client.ErrorOfAsync(Request.SetData(At("a"), [2], version)));
        Assert.Equal(BadVersion, await Client.ErrorOfAsync(Request.Delete(At("a"), version)));
        Assert.Equal(BadVersion, await Client.ErrorOfAsync(Request.SetAcl(At("a"), Acl.OpenToWorld, version)));
        Assert.Equal(before, await Client.StatAsync(At("a")));
    }

    [Fact]
    public async Task SetAcl_goes_by_a_version_of_its_own()
    {
        var before = (await Client.DoAsync(Request.Create(At("a"), type: OpCode.Create2))).Stat;
        Acl[] acl = [new(AclPermissions.All, "world", "anyone"), new(AclPermissions.Read, "ip", "10.0.0.0/8")];
        var reply = await Client.DoAsync(Request.SetAcl(At("a"), acl, version: 0));
        Assert.Equal(68, reply.Body.Length);
        Assert.Equal(before with { Aversion = 1 }, reply.Stat);
        var read = await Client.DoAsync(Request.OfPath(OpCode.GetAcl, At("a")));
        Assert.Equal(acl, read.Acl);
        Assert.Equal(reply.Stat, read.Stat);
        Assert.Equal(BadVersion, await Client.ErrorOfAsync(Request.SetAcl(At("a"), acl, version: 0)));
        Assert.Equal(2, (await Client.DoAsync(Request.SetAcl(At("a"), acl))).Stat.Aversion);
        Assert.Equal(0, (await Client.DoAsync(Request.SetData(At("a"), version: 0))).Stat.Version - 1);
    }

    [Fact]
    public async Task A_delete_takes_exactly_the_version_given_or_any()
    {
        await MakeAsync("a");
        await Client.DoAsync(Request.SetData(At("a")));
        Assert.Equal(BadVersion, await Client.ErrorOfAsync(Request.Delete(At("a"), 0)));
        Assert.Empty((await Client.DoAsync(Request.Delete(At("a"), 1))).Body);
        await MakeAsync("a");
        Assert.Empty((await Client.DoAsync(Request.Delete(At("a")))).Body);
        Assert.Equal(NoNode, await Client.ErrorOfAsync(Request.Delete(At("a"))));
    }

    [Fact]
    public async Task A_delete_changes_its_parents_children()
    {
        await MakeAsync("a");
        var before = await Client.StatAsync(Root);
        var reply = await Client.DoAsync(Request.Delete(At("a")));
        Assert.Equal(before with { Cversion = 2, NumChildren = 0, Pzxid = reply.Zxid }, await Client.StatAsync(Root));
    }

    [Fact]
    public async Task A_recreated_znode_starts_from_nothing()
    {
        await MakeAsync("a", [1]);
        await Client.DoAsync(Request.SetData(At("a"), [2]));
        await Client.DoAsync(Request.SetAcl(At("a"), Acl.OpenToWorld));
        await Client.DoAsync(Request.Create(At("a/b")));
        await Client.DoAsync(Request.Delete(At("a/b")));
        await Client.DoAsync(Request.Delete(At("a")));
        var again = await Client.DoAsync(Request.Create(At("a"), type: OpCode.Create2));
        Assert.Equal((again.Zxid, again.Zxid, again.Zxid), (again.Stat.Czxid, again.Stat.Mzxid, again.Stat.Pzxid));
        Assert.Equal((0, 0, 0), (again.Stat.Version, again.Stat.Cversion, again.Stat.Aversion));
    }

    [Fact]
    public async Task A_delete_names_the_first_of_its_reasons()
    {
        await MakeAsync("a");
        await Client.DoAsync(Request.Create(At("a/b")));
        Assert.Equal(NoNode, await Client.ErrorOfAsync(Request.Delete(At("none"))));
        Assert.Equal(NoNode, await Client.ErrorOfAsync(Request.Delete(At("none/a"))));
        Assert.Equal(BadVersion, await Client.ErrorOfAsync(Request.Delete(At("a"), 5)));
        Assert.Equal(NotEmpty, await Client.ErrorOfAsync(Request.Delete(At("a"))));
        Assert.Equal(NotEmpty, await Client.ErrorOfAsync(Request.Delete(At("a"), 0)));
        Assert.Equal(Ok, await Client.ErrorOfAsync(Request.Delete(At("a/b"))));
        Assert.Equal(Ok, await Client.ErrorOfAsync(Request.Delete(At("a"))));
    }

    [Fact]
    public async Task Changes_of_what_is_not_there_fail()
    {
        Assert.Equal(NoNode, await Client.ErrorOfAsync(Request.SetData(At("none"))));
        Assert.Equal(NoNode, await Client.ErrorOfAsync(Request.SetAcl(At("none"), Acl.OpenToWorld)));
        Assert.Equal(InvalidAcl, await Client.ErrorOfAsync(Request.SetAcl(At("none"), [])));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/zookeeper")]
    [InlineData("/zookeeper/config")]
    [InlineData("/zookeeper/quota")]
    public async Task The_systems_own_znodes_cannot_be_deleted_or_created(string path)
    {
        Assert.Equal(BadArguments, await Client.ErrorOfAsync(Request.Delete(path)));
        Assert.Equal(NodeExists, await Client.ErrorOfAsync(Request.Create(path)));
        var stat = await Client.StatAsync(path);
        Assert.Equal((0L, 0L, 0L), (stat.Czxid, stat.Ctime, stat.EphemeralOwner));
    }

    [Fact]
    public async Task The_systems_own_znodes_are_like_any_other_but_for_the_configuration()
    {
        Assert.Equal(["config", "quota"], (await Client.DoAsync(Request.GetChildren("/zookeeper"))).Names);
        Assert.Contains("zookeeper", (await Client.DoAsync(Request.GetChildren("/"))).Names);
        Assert.Equal(-2, (await Client.StatAsync("/zookeeper")).Cversion);
        Assert.Equal(NoAuth, await Client.ErrorOfAsync(Request.SetData("/zookeeper/config")));
        Assert.Equal(NoAuth, await Client.ErrorOfAsync(Request.Create("/zookeeper/config/a")));
        Assert.Equal(NoAuth, await Client.ErrorOfAsync(Request.SetAcl("/zookeeper/config", Acl.OpenToWorld)));
        Assert.Equal([new Acl(AclPermissions.Read, "world", "anyone")], (await Client.DoAsync(Request.OfPath(OpCode.GetAcl, "/zookeeper/config"))).Acl);
        Assert.Equal(-1, (await Client.StatAsync("/zookeeper/config")).Aversion);
        var before = await Client.StatAsync("/");
        var set = (await Client.DoAsync(Request.SetData("/", []))).Stat;
        Assert.Equal(before with { Version = before.Version + 1, Mzxid = set.Mzxid, Mtime = set.Mtime }, set);
    }

    [Fact]
    public async Task Reconfig_is_disabled_takes_a_zxid_and_leaves_the_connection()
    {
        var last = (await Client.DoAsync(Request.Exists(Root))).Zxid;
        var reply = await Client.CallAsync(Request.Reconfig(leaving: "3"));
        Assert.Equal((ReconfigDisabled, last + 1, 0), (reply.Error, reply.Zxid, reply.Body.Length));
        Assert.Equal(Ok, await Client.ErrorOfAsync(Request.Exists(Root)));
    }

    [Fact]
    public async Task The_configuration_of_a_server_that_stands_alone_is_empty()
    {
        var reply = await Client.DoAsync(Request.GetData("/zookeeper/config"));
        Assert.Equal((0, 0, -1), (reply.Data!.Length, reply.Stat.Version, reply.Stat.Aversion));
    }
}
