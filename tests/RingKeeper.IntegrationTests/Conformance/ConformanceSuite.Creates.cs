using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

public abstract partial class ConformanceSuite
{
    [Fact]
    public async Task A_create_is_answered_with_the_path_alone()
    {
        var before = await Client.DoAsync(Request.Exists(Root));
        await Client.Connection.SendAsync(77, OpCode.Create, Request.Create(At("a"), [1, 2]).Write);
        var frame = Convert.ToHexString(await Client.Connection.ReceiveAsync());
        var path = System.Text.Encoding.UTF8.GetBytes(At("a"));
        Assert.Equal($"0000004D{before.Zxid + 1:X16}00000000{path.Length:X8}{Convert.ToHexString(path)}", frame);
    }

    [Theory]
    [InlineData((int)OpCode.Create2, 0)]
    [InlineData((int)OpCode.Create2, 1)]
    [InlineData((int)OpCode.Create2, 2)]
    [InlineData((int)OpCode.Create2, 3)]
    [InlineData((int)OpCode.Create2, 4)]
    [InlineData((int)OpCode.CreateContainer, 4)]
    [InlineData((int)OpCode.CreateContainer, 0)]
    [InlineData((int)OpCode.CreateContainer, 1)]
    [InlineData((int)OpCode.CreateContainer, 2)]
    public async Task Create2_and_createContainer_answer_with_the_stat_that_exists_shows(int type, int flags)
    {
        var reply = await Client.DoAsync(Request.Create(At("n"), [1, 2, 3], flags, type: (OpCode)type));
        var sequential = flags is 2 or 3;
        Assert.Equal(sequential ? At("n0000000000") : At("n"), reply.Text);
        var stat = reply.Stat;
        Assert.Equal((reply.Zxid, reply.Zxid, reply.Zxid), (stat.Czxid, stat.Mzxid, stat.Pzxid));
        Assert.Equal((0, 0, 0), (stat.Version, stat.Cversion, stat.Aversion));
        Assert.Equal((3, 0), (stat.DataLength, stat.NumChildren));
        Assert.Equal(stat.Ctime, stat.Mtime);
        Assert.InRange(stat.Ctime, TimeProvider.System.GetUtcNow().AddMinutes(-1).ToUnixTimeMilliseconds(), TimeProvider.System.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds());
        Assert.Equal(type == (int)OpCode.Create2 && flags is 1 or 3 ? Client.SessionId : 0, stat.EphemeralOwner);
        Assert.Equal(stat, await Client.StatAsync(reply.Text));
        Assert.Equal([1, 2, 3], (await Client.DoAsync(Request.GetData(reply.Text))).Data);
    }

    [Fact]
    public async Task A_create_changes_its_parents_children_and_nothing_else_of_it()
    {
        var before = await Client.StatAsync(Root);
        var reply = await Client.DoAsync(Request.Create(At("a")));
        Assert.Equal(before with { Cversion = 1, NumChildren = 1, Pzxid = reply.Zxid }, await Client.StatAsync(Root));
        await MakeAsync("a/b");
        Assert.Equal(before with { Cversion = 1, NumChildren = 1, Pzxid = reply.Zxid }, await Client.StatAsync(Root));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Null_data_and_empty_data_stay_apart(int flags)
    {
        var (nothing, empty) = (await MakeAsync("null", null, flags), await MakeAsync("empty", [], flags));
        Assert.Null((await Client.DoAsync(Request.GetData(nothing))).Data);
        Assert.Empty((await Client.DoAsync(Request.GetData(empty))).Data!);
        Assert.Equal((0, 0), ((await Client.StatAsync(nothing)).DataLength, (await Client.StatAsync(empty)).DataLength));
    }

    [Fact]
    public async Task Sequence_numbers_have_ten_digits_and_count_every_create_below_the_parent()
    {
        Assert.Equal(At("s-0000000000"), await MakeAsync("s-", flags: 2));
        await MakeAsync("plain");
        Assert.Equal(At("0000000002"), await MakeAsync("", flags: 2));
        await Client.DoAsync(Request.Delete(At("plain")));
        await Client.DoAsync(Request.Delete(At("s-0000000000")));
        Assert.Equal(NodeExists, await Client.ErrorOfAsync(Request.Create(At("0000000002"))));
        Assert.Equal(At("e-0000000003"), await MakeAsync("e-", flags: 3));
        Assert.Equal(["0000000002", "e-0000000003"], (await Client.DoAsync(Request.GetChildren(Root))).Names);

        // Four creates, two deletes.
        Assert.Equal(6, (await Client.StatAsync(Root)).Cversion);
        await Client.DoAsync(Request.SetData(Root));
        Assert.Equal(At("t-0000000004"), await MakeAsync("t-", flags: 2));
    }

    [Fact]
    public async Task Sequence_numbers_begin_anew_with_a_new_parent()
    {
        await MakeAsync("p");
        await Client.DoAsync(Request.Create(At("p/n"), flags: 2));
        await Client.DoAsync(Request.Delete(At("p/n0000000000")));
        Assert.Equal(At("p/n0000000001"), (await Client.DoAsync(Request.Create(At("p/n"), flags: 2))).Text);
        await Client.DoAsync(Request.Delete(At("p/n0000000001")));
        await Client.DoAsync(Request.Delete(At("p")));
        await MakeAsync("p");
        Assert.Equal(At("p/n0000000000"), (await Client.DoAsync(Request.Create(At("p/n"), flags: 2))).Text);
    }

    [Theory]
    [InlineData((int)OpCode.Create)]
    [InlineData((int)OpCode.Create2)]
    [InlineData((int)OpCode.CreateContainer)]
    public async Task A_create_fails_with_the_reason_and_changes_nothing(int opCode)
    {
        var type = (OpCode)opCode;
        var flags = type == OpCode.CreateContainer ? 4 : 0;
        var ephemeral = await MakeAsync("ephemeral", flags: 1);
        var before = await Client.StatAsync(Root);
        Assert.Equal(NoNode, await Client.ErrorOfAsync(Request.Create(At("none/a"), flags: flags, type: type)));
        Assert.Equal(NodeExists, await Client.ErrorOfAsync(Request.Create(ephemeral, flags: flags, type: type)));
        Assert.Equal(NodeExists, await Client.ErrorOfAsync(Request.Create("/", flags: flags, type: type)));
        Assert.Equal(NoChildrenForEphemerals, await Client.ErrorOfAsync(Request.Create(ephemeral + "/a", flags: flags, type: type)));
        Assert.Equal(InvalidAcl, await Client.ErrorOfAsync(Request.Create(At("a"), flags: flags, acl: [], type: type)));
        foreach (var bad in new[] { -2, -1, 7, 8, int.MaxValue })
        {
            Assert.Equal(BadArguments, await Client.ErrorOfAsync(Request.Create(At("a"), flags: bad, type: type)));
        }

        Assert.Equal(before, await Client.StatAsync(Root));
        Assert.Equal(["ephemeral"], (await Client.DoAsync(Request.GetChildren(Root))).Names);
    }

    [Theory]
    [InlineData((int)OpCode.Create, 5)]
    [InlineData((int)OpCode.Create2, 6)]
    [InlineData((int)OpCode.CreateContainer, 5)]
    public async Task A_server_without_extended_types_does_not_know_the_flags_for_a_time_to_live(int type, int flags) =>
        Assert.Equal(Unimplemented, await Client.ErrorOfAsync(Request.Create(At("a"), flags: flags, type: (OpCode)type)));

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public async Task A_server_without_extended_types_does_not_know_createTTL(int flags)
    {
        Assert.Equal(Unimplemented, await Client.ErrorOfAsync(Request.CreateTtl(At("a"), flags, 1_000)));
        Assert.Equal(NoNode, await Client.ErrorOfAsync(Request.Exists(At("a"))));
    }

    // Checks follow one another in a fixed order: flags, slash, ACL, parent, permission, path, existence, ephemeral parent.
    [Fact]
    public async Task Of_several_reasons_a_create_names_the_first()
    {
        var ephemeral = await MakeAsync("e", flags: 1);
        await Client.DoAsync(Request.SetAcl(ephemeral, [new Acl(AclPermissions.Read, "world", "anyone")]));
        await server.SettleAsync();
        Assert.Equal(BadArguments, await Client.ErrorOfAsync(Request.Create("none", acl: [])));
        Assert.Equal(InvalidAcl, await Client.ErrorOfAsync(Request.Create(At("none//a"), acl: [])));
        Assert.Equal(NoNode, await Client.ErrorOfAsync(Request.Create(At("none/./a"))));
        Assert.Equal(NoAuth, await Client.ErrorOfAsync(Request.Create(ephemeral + "/.")));
        Assert.Equal(BadArguments, await Client.ErrorOfAsync(Request.Create(At("."))));
    }

    [Fact]
    public async Task An_ephemeral_of_one_session_may_be_deleted_by_another_and_belongs_to_its_owner()
    {
        var path = await MakeAsync("e", flags: 1);
        var other = await ConnectAsync();
        Assert.Equal(Client.SessionId, (await other.StatAsync(path)).EphemeralOwner);
        Assert.Equal([path], (await Client.DoAsync(Request.OfPath(OpCode.GetEphemerals, Root))).Names);
        Assert.Empty((await other.DoAsync(Request.OfPath(OpCode.GetEphemerals, Root))).Names);
        await other.DoAsync(Request.Delete(path));
        Assert.Empty((await Client.DoAsync(Request.OfPath(OpCode.GetEphemerals, Root))).Names);
    }
}
