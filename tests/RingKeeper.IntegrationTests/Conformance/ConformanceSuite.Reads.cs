using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

public abstract partial class ConformanceSuite
{
    [Fact]
    public async Task Every_write_takes_the_next_zxid_failed_or_not_and_reads_show_the_last()
    {
        var last = (await Client.DoAsync(Request.Exists(Root))).Zxid;
        foreach (var write in new[]
        {
            Request.Create(At("a")), Request.Create(At("a")), Request.Create(At("none/a")), Request.Create(At("a"), flags: 9), Request.Create("bad"),
            Request.Create(At("b"), type: OpCode.Create2), Request.Create(At("c"), flags: 4, type: OpCode.CreateContainer), Request.CreateTtl(At("d"), 5, 1_000),
            Request.SetData(At("a")), Request.SetData(At("a"), version: 9), Request.SetAcl(At("a"), []), Request.SetAcl(At("a"), Acl.OpenToWorld),
            Request.Delete(At("a")), Request.Delete(At("a")), Request.Delete("/"), Request.Multi(), Request.Multi(Request.Check(At("none"))),
            Request.Multi(Request.Create(At("x")), Request.Create(At("y"))), Request.OfBytes(OpCode.Create, 0), Request.OfBytes(OpCode.Multi, 1, 2, 3),
        })
        {
            Assert.Equal((write, ++last), (write, (await Client.CallAsync(write)).Zxid));
        }

        foreach (var read in new[]
        {
            Request.Exists(Root), Request.Exists(At("none")), Request.GetData(Root), Request.GetData(At("none")), Request.GetChildren(Root), Request.GetChildren2(At("none")),
            Request.OfPath(OpCode.GetAcl, Root), Request.OfPath(OpCode.Sync, Root), Request.OfPath(OpCode.Sync, At("none")), Request.OfPath(OpCode.GetEphemerals, ""),
            Request.OfPath(OpCode.GetAllChildrenNumber, Root), Request.Of(OpCode.WhoAmI), Request.MultiRead(Request.GetData(Root)), Request.AddWatch(Root),
            Request.OfMode(OpCode.CheckWatches, Root, 3), Request.OfMode(OpCode.RemoveWatches, Root, 3), Request.OfMode(OpCode.RemoveWatches, Root, 3),
            Request.SetWatches(last), Request.SetWatches(last, recursive: []), Request.Of(OpCode.Ping), Request.OfBytes(OpCode.GetData, 1),
        })
        {
            Assert.Equal((read, last), (read, (await Client.CallAsync(read)).Zxid));
        }
    }

    [Fact]
    public async Task An_error_has_no_body()
    {
        foreach (var request in new[]
        {
            Request.Exists(At("none")), Request.GetData(At("none")), Request.GetChildren(At("none")), Request.GetChildren2(At("none")), Request.OfPath(OpCode.GetAcl, At("none")),
            Request.OfPath(OpCode.GetAllChildrenNumber, At("none")), Request.Create(At("none/a"), type: OpCode.Create2), Request.SetData(At("none")), Request.Delete(At("none")),
            Request.SetAcl(At("none"), Acl.OpenToWorld), Request.OfMode(OpCode.CheckWatches, At("none"), 3), Request.OfMode(OpCode.RemoveWatches, At("none"), 3),
        })
        {
            var reply = await Client.CallAsync(request);
            Assert.Equal((request, request.Type is OpCode.CheckWatches or OpCode.RemoveWatches ? NoWatcher : NoNode, 0), (request, reply.Error, reply.Body.Length));
        }
    }

    [Fact]
    public async Task Reads_agree_on_the_stat()
    {
        await MakeAsync("a", [1, 2]);
        await Client.DoAsync(Request.Create(At("a/b")));
        await Client.DoAsync(Request.Create(At("a/c"), flags: 2));
        var exists = await Client.DoAsync(Request.Exists(At("a")));
        Assert.Equal(68, exists.Body.Length);
        var data = await Client.DoAsync(Request.GetData(At("a")));
        Assert.Equal([1, 2], data.Data);
        Assert.Equal(4 + 2 + 68, data.Body.Length);
        var children = await Client.DoAsync(Request.GetChildren2(At("a")));
        Assert.Equal(["b", "c0000000001"], children.Names);
        Assert.Equal(4 + 5 + 15 + 68, children.Body.Length);
        Assert.Equal(4 + 5 + 15, (await Client.DoAsync(Request.GetChildren(At("a")))).Body.Length);
        var acl = await Client.DoAsync(Request.OfPath(OpCode.GetAcl, At("a")));
        Assert.Equal(Acl.OpenToWorld, acl.Acl);
        Assert.Equal([exists.Stat, exists.Stat, exists.Stat], [data.Stat, children.Stat, acl.Stat]);
        Assert.Empty((await Client.DoAsync(Request.GetChildren(At("a/b")))).Names);
    }

    [Fact]
    public async Task The_empty_path_reads_the_root()
    {
        Assert.Equal(await Client.StatAsync("/"), await Client.StatAsync(""));
        Assert.Contains(Root[1..], (await Client.DoAsync(Request.GetChildren(""))).Names);
        Assert.Equal(Ok, await Client.ErrorOfAsync(Request.GetData("")));
        Assert.Equal(Ok, await Client.ErrorOfAsync(Request.OfPath(OpCode.GetAcl, "")));
        Assert.Equal(Ok, await Client.ErrorOfAsync(Request.OfPath(OpCode.GetAllChildrenNumber, "")));
    }

    [Fact]
    public async Task Sync_echoes_its_path_whatever_it_is()
    {
        foreach (var path in new[] { Root, At("none"), "", "no path", null })
        {
            Assert.Equal(path, (await Client.DoAsync(Request.OfPath(OpCode.Sync, path))).Text);
        }
    }

    [Fact]
    public async Task All_descendants_are_counted()
    {
        Assert.Equal(0, (await Client.DoAsync(Request.OfPath(OpCode.GetAllChildrenNumber, Root))).Number);
        await MakeAsync("a");
        await MakeAsync("a/b");
        await MakeAsync("a/b/c");
        await MakeAsync("ab");
        Assert.Equal(4, (await Client.DoAsync(Request.OfPath(OpCode.GetAllChildrenNumber, Root))).Number);
        Assert.Equal(2, (await Client.DoAsync(Request.OfPath(OpCode.GetAllChildrenNumber, At("a")))).Number);
        Assert.InRange((await Client.DoAsync(Request.OfPath(OpCode.GetAllChildrenNumber, "/"))).Number, 8, int.MaxValue);
    }

    [Fact]
    public async Task Ephemerals_are_listed_by_the_text_their_paths_start_with()
    {
        await MakeAsync("plain");
        var (first, second) = (await MakeAsync("e1", flags: 1), await MakeAsync("x", flags: 1));
        var sequential = await MakeAsync("e1", flags: 3);
        foreach (var all in new[] { "", "/", null, Root })
        {
            Assert.Equal([first, sequential, second], (await Client.DoAsync(Request.OfPath(OpCode.GetEphemerals, all))).Names);
        }

        Assert.Equal([first, sequential], (await Client.DoAsync(Request.OfPath(OpCode.GetEphemerals, At("e")))).Names);
        Assert.Equal([first, sequential], (await Client.DoAsync(Request.OfPath(OpCode.GetEphemerals, At("e1")))).Names);
        Assert.Empty((await Client.DoAsync(Request.OfPath(OpCode.GetEphemerals, At("none")))).Names);
    }

    [Theory]
    [InlineData((int)OpCode.Exists)]
    [InlineData((int)OpCode.GetData)]
    [InlineData((int)OpCode.GetChildren)]
    [InlineData((int)OpCode.GetChildren2)]
    public async Task Bytes_after_the_record_are_ignored(int type) =>
        Assert.Equal(Ok, await Client.ErrorOfAsync(new Request((OpCode)type, "with more", writer =>
        {
            Request.Exists(Root).Write(writer);
            writer.WriteInt64(42);
        })));

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    [InlineData(-4)]
    [InlineData(-8)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public async Task The_xid_comes_back_as_it_was_sent(int xid)
    {
        Assert.Equal(xid, (await Client.Connection.CallAsync(xid, OpCode.Exists, Request.Exists(Root).Write)).Xid);
        var auth = await Client.Connection.CallAsync(xid, OpCode.Auth, Request.Auth("digest", "u:p").Write);
        Assert.Equal((xid, 0L, Ok), (auth.Xid, auth.Zxid, auth.Error));
        Assert.Equal(xid, (await Client.Connection.CallAsync(xid, OpCode.SetWatches, Request.SetWatches(0).Write)).Xid);

        // But for a ping, whose answer is known by its xid.
        Assert.Equal(-2, (await Client.Connection.CallAsync(xid, OpCode.Ping)).Xid);
    }
}
