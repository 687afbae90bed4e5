using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>What setWatches and setWatches2 tell a connection that is back, by the zxid it saw last.</summary>
public abstract partial class ConformanceSuite
{
    /// <summary>A list of setWatches, what happened to the znode <c>a</c> meanwhile, and the event due; null when the watch is simply set.</summary>
    public static TheoryData<string, string, string?> Missed => new()
    {
        { "data", "nothing", null },
        { "data", "set", "NodeDataChanged" },
        { "data", "delete", "NodeDeleted" },
        { "data", "delete, create", "NodeDataChanged" },
        { "data", "child", null },
        { "data", "acl", null },
        { "exist", "nothing", "NodeCreated" },
        { "exist", "delete", null },
        { "exist", "delete, create", "NodeCreated" },
        { "child", "nothing", null },
        { "child", "child", "NodeChildrenChanged" },
        { "child", "child, child gone", "NodeChildrenChanged" },
        { "child", "set", null },
        { "child", "delete", "NodeDeleted" },
        { "child", "delete, create", "NodeChildrenChanged" },
        { "persistent", "set", null },
        { "persistent", "delete", null },
        { "recursive", "child", null },
        { "recursive", "delete, create", null },
    };

    [Theory]
    [MemberData(nameof(Missed))]
    public async Task Set_watches_tells_what_was_missed_before_its_reply_and_sets_the_rest(string list, string changes, string? missed)
    {
        await MakeAsync("a");
        var watcher = await ConnectAsync();
        var seen = (await watcher.DoAsync(Request.Exists(At("a")))).Zxid;
        foreach (var change in changes.Split(", ").Where(change => change != "nothing"))
        {
            await Client.DoAsync(ChangeOfA(change));
        }

        var back = await ConnectAsync(resume: watcher.Greeting, seen: seen);
        string[] paths = [At("a")];
        var reply = await back.DoAsync(list switch
        {
            "data" => Request.SetWatches(seen, data: paths),
            "exist" => Request.SetWatches(seen, exist: paths),
            "child" => Request.SetWatches(seen, child: paths),
            "persistent" => Request.SetWatches(seen, persistent: paths),
            _ => Request.SetWatches(seen, recursive: paths),
        });
        Assert.Empty(reply.Body);
        Assert.Equal(missed is null ? [] : [$"{missed} {At("a")}"], back.TakeEvents());

        // A watch whose event was told is used up; the others are there.
        var type = list == "child" ? 1 : 2;
        Assert.Equal(missed is null ? Ok : NoWatcher, await back.ErrorOfAsync(Request.OfMode(OpCode.RemoveWatches, At("a"), type)));
    }

    [Fact]
    public async Task Both_requests_tell_of_all_lists_in_order()
    {
        await MakeAsync("a");
        await MakeAsync("b");
        var seen = (await Client.DoAsync(Request.Exists(Root))).Zxid;
        await Client.DoAsync(Request.SetData(At("b")));
        await MakeAsync("c");
        foreach (var recursive in new[] { null, new[] { Root } })
        {
            await Client.DoAsync(Request.SetWatches(seen, [At("gone"), At("a"), At("b")], [At("c"), At("later")], [Root, At("a"), At("gone")], recursive: recursive));
            Assert.Equal(
                [$"NodeDeleted {At("gone")}", $"NodeDataChanged {At("b")}", $"NodeCreated {At("c")}", $"NodeChildrenChanged {Root}", $"NodeDeleted {At("gone")}"],
                Client.TakeEvents());
        }

        // What was not told is watched: once by the one-shot watch, and by the recursive one as before.
        await MakeAsync("later");
        Assert.Equal([$"NodeCreated {At("later")}"], Client.TakeEvents());
        await Client.DoAsync(Request.SetData(At("a")));
        Assert.Equal([$"NodeDataChanged {At("a")}"], Client.TakeEvents());
    }

    [Fact]
    public async Task A_zxid_of_zero_has_missed_everything()
    {
        await MakeAsync("a");
        await Client.DoAsync(Request.SetWatches(0, data: [At("a"), "/"], child: [Root]));
        Assert.Equal([$"NodeDataChanged {At("a")}", $"NodeChildrenChanged {Root}"], Client.TakeEvents().Where(text => !text.EndsWith(" /", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData((int)OpCode.SetWatches)]
    [InlineData((int)OpCode.SetWatches2)]
    public async Task A_list_of_null_cannot_be_read(int type)
    {
        Assert.Equal(MarshallingError, await Client.ErrorOfAsync(new Request((OpCode)type, "null lists", writer =>
        {
            writer.WriteInt64(0);
            for (var list = 0; list < 5; list++)
            {
                writer.WriteInt32(-1);
            }
        })));
    }
}
