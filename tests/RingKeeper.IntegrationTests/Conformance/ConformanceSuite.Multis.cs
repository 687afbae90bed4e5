using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

public abstract partial class ConformanceSuite
{
    [Fact]
    public async Task Everything_in_a_multi_happens_in_order_at_one_zxid()
    {
        var reply = await Client.DoAsync(Request.Multi(
            Request.Create(At("a"), [1]),
            Request.Create(At("a/n"), flags: 2, type: OpCode.Create2),
            Request.Create(At("a/n"), flags: 3),
            Request.SetData(At("a"), [1, 2], version: 0),
            Request.Check(At("a"), 1),
            Request.Create(At("gone")),
            Request.Delete(At("gone"), 0),
            Request.Create(At("c"), flags: 4, type: OpCode.CreateContainer)));
        var results = MultiResult.Parse(reply.Body);

        // create2 is answered as create, createContainer as create2.
        Assert.Equal(
            [OpCode.Create, OpCode.Create, OpCode.Create, OpCode.SetData, OpCode.Check, OpCode.Create, OpCode.Delete, OpCode.Create2],
            results.Select(result => result.Type));
        Assert.All(results, result => Assert.Equal(Ok, result.Error));
        Assert.Equal([At("a"), At("a/n0000000000"), At("a/n0000000001")], results.Take(3).Select(result => result.Path));
        var stat = await Client.StatAsync(At("a"));
        Assert.Equal((reply.Zxid, reply.Zxid, reply.Zxid), (stat.Czxid, stat.Mzxid, stat.Pzxid));
        Assert.Equal((1, 2, 2, 2), (stat.Version, stat.Cversion, stat.NumChildren, stat.DataLength));
        Assert.Equal(Client.SessionId, (await Client.StatAsync(At("a/n0000000001"))).EphemeralOwner);
        Assert.Equal(results[7].Stat, await Client.StatAsync(At("c")));

        // Three creates and a delete below the root.
        Assert.Equal((4, 2), ((await Client.StatAsync(Root)).Cversion, (await Client.StatAsync(Root)).NumChildren));
    }

    [Fact]
    public async Task A_multi_that_fails_says_which_operation_and_leaves_no_trace()
    {
        await MakeAsync("a", [1]);
        await MakeAsync("e", flags: 1);
        var (root, a) = (await Client.StatAsync(Root), await Client.StatAsync(At("a")));
        var reply = await Client.CallAsync(Request.Multi(
            Request.Create(At("b")),
            Request.Create(At("s"), flags: 3),
            Request.SetData(At("a"), [2]),
            Request.Delete(At("e")),
            Request.Check(At("a"), 9),
            Request.Create(At("a")),
            Request.Delete(At("none"))));
        Assert.Equal(Ok, reply.Error);
        Assert.Equal(
            "FFFFFFFF000000000000000000FFFFFFFF000000000000000000FFFFFFFF000000000000000000FFFFFFFF000000000000000000"
            + "FFFFFFFF00FFFFFF99FFFFFF99FFFFFFFF00FFFFFFFEFFFFFFFEFFFFFFFF00FFFFFFFEFFFFFFFEFFFFFFFF01FFFFFFFF",
            Convert.ToHexString(reply.Body));
        Assert.Equal((root, a), (await Client.StatAsync(Root), await Client.StatAsync(At("a"))));
        Assert.Equal(["a", "e"], (await Client.DoAsync(Request.GetChildren(Root))).Names);
        Assert.Equal([1], (await Client.DoAsync(Request.GetData(At("a")))).Data);
        Assert.Equal([At("e")], (await Client.DoAsync(Request.OfPath(OpCode.GetEphemerals, Root))).Names);
        Assert.Equal(At("s0000000002"), await MakeAsync("s", flags: 2));
    }

    public static TheoryData<string, int> FailuresInAMulti => new()
    {
        { "create without a parent", (int)NoNode },
        { "create again", (int)NodeExists },
        { "create below an ephemeral", (int)NoChildrenForEphemerals },
        { "create with a bad path", (int)BadArguments },
        { "create with bad flags", (int)BadArguments },
        { "create with no acl", (int)InvalidAcl },
        { "create where it may not", (int)NoAuth },
        { "delete nothing", (int)NoNode },
        { "delete another version", (int)BadVersion },
        { "delete a parent", (int)NotEmpty },
        { "delete the root", (int)BadArguments },
        { "set nothing", (int)NoNode },
        { "set another version", (int)BadVersion },
        { "set with a bad path", (int)BadArguments },
        { "check nothing", (int)NoNode },
        { "check another version", (int)BadVersion },
        { "check with a bad path", (int)BadArguments },
        { "check what it may not read", (int)NoAuth },
    };

    [Theory]
    [MemberData(nameof(FailuresInAMulti))]
    public async Task Each_operation_fails_in_a_multi_as_it_does_alone(string what, int error)
    {
        await MakeAsync("a");
        await MakeAsync("a/b");
        await MakeAsync("e", flags: 1);
        await MakeAsync("locked", acl: [new Acl(AclPermissions.Admin, "world", "anyone")]);
        var failing = what switch
        {
            "create without a parent" => Request.Create(At("none/a")),
            "create again" => Request.Create(At("a")),
            "create below an ephemeral" => Request.Create(At("e/a")),
            "create with a bad path" => Request.Create(At(".")),
            "create with bad flags" => Request.Create(At("n"), flags: 7),
            "create with no acl" => Request.Create(At("n"), acl: []),
            "create where it may not" => Request.Create(At("locked/n")),
            "delete nothing" => Request.Delete(At("none")),
            "delete another version" => Request.Delete(At("e"), 1),
            "delete a parent" => Request.Delete(At("a")),
            "delete the root" => Request.Delete("/"),
            "set nothing" => Request.SetData(At("none")),
            "set another version" => Request.SetData(At("a"), version: 1),
            "set with a bad path" => Request.SetData("a"),
            "check nothing" => Request.Check(At("none")),
            "check another version" => Request.Check(At("a"), 1),
            "check with a bad path" => Request.Check(At("a/")),
            _ => Request.Check(At("locked")),
        };
        if (failing.Type != OpCode.Check)
        {
            Assert.Equal((ZooKeeperErrorCode)error, await Client.ErrorOfAsync(failing));
        }

        var reply = await Client.CallAsync(Request.Multi(Request.Create(At("before")), failing, Request.Create(At("after"))));
        Assert.Equal([Ok, (ZooKeeperErrorCode)error, RuntimeInconsistency], MultiResult.Parse(reply.Body).Select(result => result.Error));
        Assert.Equal(["a", "e", "locked"], (await Client.DoAsync(Request.GetChildren(Root))).Names);
    }

    [Fact]
    public async Task An_empty_multi_is_answered_with_its_end()
    {
        Assert.Equal("FFFFFFFF01FFFFFFFF", Convert.ToHexString((await Client.DoAsync(Request.Multi())).Body));
        Assert.Equal("FFFFFFFF01FFFFFFFF", Convert.ToHexString((await Client.DoAsync(Request.MultiRead())).Body));
    }

    [Theory]
    [InlineData((int)OpCode.SetAcl)]
    [InlineData((int)OpCode.Exists)]
    [InlineData((int)OpCode.GetData)]
    [InlineData((int)OpCode.Sync)]
    [InlineData((int)OpCode.Multi)]
    [InlineData((int)OpCode.CloseSession)]
    [InlineData(99)]
    public async Task A_multi_with_another_operation_cannot_be_read(int type)
    {
        var foreign = new Request((OpCode)type, "", Request.Exists(Root).Write);
        var reply = await Client.CallAsync(Request.Multi(Request.Create(At("a")), foreign));
        Assert.Equal((MarshallingError, 0), (reply.Error, reply.Body.Length));
        Assert.Equal(NoNode, await Client.ErrorOfAsync(Request.Exists(At("a"))));
    }

    [Fact]
    public async Task A_multi_without_its_end_cannot_be_read()
    {
        var request = new Request(OpCode.Multi, "no end", writer =>
        {
            new MultiHeader(OpCode.Create, Done: false, -1).Write(writer);
            Request.Create(At("a")).Write(writer);
        });
        Assert.Equal(MarshallingError, await Client.ErrorOfAsync(request));
        Assert.Equal(NoNode, await Client.ErrorOfAsync(Request.Exists(At("a"))));
    }

    [Theory]
    [InlineData((int)OpCode.Create)]
    [InlineData((int)OpCode.Create2)]
    [InlineData((int)OpCode.CreateContainer)]
    public async Task In_a_multi_only_createTTL_may_carry_the_flags_for_a_time_to_live(int type)
    {
        Assert.Equal(MarshallingError, await Client.ErrorOfAsync(Request.Multi(Request.Create(At("a"), flags: 5, type: (OpCode)type))));
        Assert.Equal(MarshallingError, await Client.ErrorOfAsync(Request.Multi(Request.Create(At("a"), flags: 6, type: (OpCode)type))));
    }

    [Fact]
    public async Task In_a_multi_such_flags_behind_a_failure_are_not_looked_at()
    {
        var results = MultiResult.Parse((await Client.DoAsync(Request.Multi(Request.Delete(At("none")), Request.Create(At("a"), flags: 5)))).Body);
        Assert.Equal([NoNode, RuntimeInconsistency], results.Select(result => result.Error));
    }

    [Theory]
    [InlineData(0, Ok, OpCode.Create, "t")]
    [InlineData(2, Ok, OpCode.Create, "t0000000000")]
    [InlineData(4, Ok, OpCode.Create2, "t")]
    [InlineData(5, Unimplemented, OpCode.Error, null)]
    [InlineData(6, Unimplemented, OpCode.Error, null)]
    internal async Task In_a_multi_a_time_to_live_counts_only_with_its_flags(int flags, ZooKeeperErrorCode error, OpCode type, string? name)
    {
        var result = Assert.Single(MultiResult.Parse((await Client.DoAsync(Request.Multi(Request.CreateTtl(At("t"), flags, 1_000)))).Body));
        Assert.Equal((type, error, name is null ? null : At(name)), (result.Type, result.Error, result.Path));
    }

    [Fact]
    public async Task A_multi_read_answers_each_read_by_itself()
    {
        await MakeAsync("a", [7]);
        await MakeAsync("a/b");
        await MakeAsync("locked", acl: [new Acl(AclPermissions.Admin, "world", "anyone")]);
        var results = MultiResult.Parse((await Client.DoAsync(Request.MultiRead(
            Request.GetData(At("a"), watch: true),
            Request.GetData(At("none")),
            Request.GetChildren(At("a"), watch: true),
            Request.GetChildren(At("locked")),
            Request.GetData(At("locked"))))).Body);
        Assert.Equal([OpCode.GetData, OpCode.Error, OpCode.GetChildren, OpCode.Error, OpCode.Error], results.Select(result => result.Type));
        Assert.Equal([Ok, NoNode, Ok, NoAuth, NoAuth], results.Select(result => result.Error));
        Assert.Equal([7], results[0].Data);
        Assert.Equal(await Client.StatAsync(At("a")), results[0].Stat);
        Assert.Equal(["b"], results[2].Names);

        // It sets no watch.
        await Client.DoAsync(Request.SetData(At("a")));
        await MakeAsync("a/c");
        Assert.Empty(await Client.EventsAsync());
    }

    [Theory]
    [InlineData((int)OpCode.Exists)]
    [InlineData((int)OpCode.GetChildren2)]
    [InlineData((int)OpCode.GetAcl)]
    [InlineData(99)]
    public async Task A_multi_read_with_another_operation_cannot_be_read(int type)
    {
        var foreign = new Request((OpCode)type, "", Request.Exists(Root).Write);
        Assert.Equal(MarshallingError, await Client.ErrorOfAsync(Request.MultiRead(Request.GetData(Root), foreign)));
        Assert.Equal(MarshallingError, await Client.ErrorOfAsync(Request.MultiRead(Request.GetData(Root), Request.Check(Root))));
        Assert.Equal(MarshallingError, await Client.ErrorOfAsync(Request.MultiRead(Request.Check(Root))));
    }

    [Fact]
    public async Task Watches_hear_of_a_multi_once_it_stands_operation_by_operation()
    {
        await MakeAsync("a");
        var watcher = await ConnectAsync();
        await watcher.DoAsync(Request.AddWatch(Root, recursive: true));
        await watcher.DoAsync(Request.GetData(At("a"), watch: true));
        await Client.CallAsync(Request.Multi(Request.SetData(At("a")), Request.Create(At("b")), Request.Check(At("none"))));
        Assert.Empty(await watcher.EventsAsync());
        await Client.DoAsync(Request.Multi(
            Request.SetData(At("a")), Request.SetData(At("a")), Request.Create(At("b")), Request.Delete(At("b")), Request.Check(At("a"), 2), Request.Create(At("b"))));
        Assert.Equal(
            [$"NodeDataChanged {At("a")}", $"NodeDataChanged {At("a")}", $"NodeCreated {At("b")}", $"NodeDeleted {At("b")}", $"NodeCreated {At("b")}"],
            await watcher.EventsAsync());
    }
}
