using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

public abstract partial class ConformanceSuite
{
    /// <summary>A watch on the znode <c>a</c>, and what it hears of each change to it, in order.</summary>
    public static TheoryData<string, string> WatchesAndEvents => new()
    {
        // One-shot watches: the first change that concerns them uses them up.
        { "exists", "set: NodeDataChanged a" },
        { "exists", "child, acl, set, set: NodeDataChanged a" },
        { "exists", "delete, create: NodeDeleted a" },
        { "exists of nothing", "create, set, delete: NodeCreated a" },
        { "getData", "child, acl, set, set: NodeDataChanged a" },
        { "getData", "delete, create, set: NodeDeleted a" },
        { "getData", "multi: NodeDataChanged a" },
        { "getChildren", "set, acl, child, child2: NodeChildrenChanged a" },
        { "getChildren", "delete, create: NodeDeleted a" },
        { "getChildren", "child, child set, child2: NodeChildrenChanged a" },
        { "getChildren2", "set, acl, child, child2: NodeChildrenChanged a" },
        { "getChildren2", "delete, create: NodeDeleted a" },
        { "getData, getChildren", "delete, create: NodeDeleted a" },
        { "getData, getChildren", "child, set, child gone, delete: NodeChildrenChanged a, NodeDataChanged a" },
        { "getData, exists", "set, set: NodeDataChanged a" },
        { "getChildren of root", "set, delete, create: NodeChildrenChanged ." },
        { "getData of root", "set, delete, create: " },

        // Persistent ones stay.
        { "persistent", "set, child, acl, child gone, delete, create: NodeDataChanged a, NodeChildrenChanged a, NodeChildrenChanged a, NodeDeleted a, NodeCreated a" },
        { "persistent of nothing", "create, child, set: NodeCreated a, NodeChildrenChanged a, NodeDataChanged a" },
        { "persistent", "child, child set, child2: NodeChildrenChanged a, NodeChildrenChanged a" },
        { "persistent, getData", "set, set: NodeDataChanged a" },
        { "persistent of root", "set, delete, create: NodeChildrenChanged ., NodeChildrenChanged ." },

        // Recursive ones hear of everything below by its own path, and of no children.
        { "recursive", "set, child, child set, child gone, delete, create: NodeDataChanged a, NodeCreated a/c, NodeDataChanged a/c, NodeDeleted a/c, NodeDeleted a, NodeCreated a" },
        { "recursive of nothing", "create, child: NodeCreated a, NodeCreated a/c" },
        { "recursive of root", "set, child, child gone, delete: NodeDataChanged a, NodeCreated a/c, NodeDeleted a/c, NodeDeleted a" },
        { "recursive of root, persistent", "set, child: NodeDataChanged a, NodeCreated a/c, NodeChildrenChanged a" },
        { "recursive of root, getChildren", "child, child2: NodeCreated a/c, NodeChildrenChanged a, NodeCreated a/d" },

        // The one registered last takes the place of the one before.
        { "persistent, recursive", "child, set: NodeCreated a/c, NodeDataChanged a" },
        { "recursive, persistent", "child, set: NodeChildrenChanged a, NodeDataChanged a" },
        { "recursive, getData", "set, child: NodeDataChanged a" },
        { "recursive, getData, getChildren", "set, set, child, child2: NodeDataChanged a, NodeChildrenChanged a" },

        // Removed ones are gone, by kind.
        { "getData, remove data", "set: " },
        { "getData, remove any", "set: " },
        { "getData, getChildren, remove children", "child, set: NodeDataChanged a" },
        { "getData, getChildren, remove data", "child, set: NodeChildrenChanged a" },
        { "getData, getChildren, remove any", "child, set: " },
        { "persistent, remove any", "set, child, child gone, delete: " },
        { "persistent, remove data", "set, child: NodeChildrenChanged a" },
        { "persistent, remove children", "set, child: NodeDataChanged a" },
        { "recursive, remove any", "set, child, child gone, delete: " },
        { "recursive, remove data", "set, child: " },
        { "recursive of root, remove any of root", "set, child: " },
    };

    [Theory]
    [MemberData(nameof(WatchesAndEvents))]
    public async Task A_watch_hears_what_concerns_it(string watches, string changesAndEvents)
    {
        var (changes, events) = (changesAndEvents.Split(": ")[0], changesAndEvents.Split(": ")[1]);
        if (!watches.Contains("of nothing", StringComparison.Ordinal))
        {
            await MakeAsync("a");
        }

        var watcher = await ConnectAsync();
        foreach (var watch in watches.Split(", "))
        {
            await SetAsync(watcher, watch);
        }

        foreach (var change in changes.Split(", "))
        {
            await Client.DoAsync(ChangeOfA(change));
        }

        var expected = events.Split(", ", StringSplitOptions.RemoveEmptyEntries)
            .Select(text => text.EndsWith('.') ? text[..^1] + Root : text.Replace(" a", $" {At("a")}", StringComparison.Ordinal));
        Assert.Equal(expected, await watcher.EventsAsync());
        Assert.Empty(await Client.EventsAsync());
    }

    private async Task SetAsync(Talker watcher, string watch)
    {
        var path = watch.EndsWith("of root", StringComparison.Ordinal) ? Root : At("a");
        var reply = await watcher.CallAsync(watch.Split(' ') switch
        {
            ["exists", ..] => Request.Exists(path, watch: true),
            ["getData", ..] => Request.GetData(path, watch: true),
            ["getChildren", ..] => Request.GetChildren(path, watch: true),
            ["getChildren2", ..] => Request.GetChildren2(path, watch: true),
            ["persistent", ..] => Request.AddWatch(path),
            ["recursive", ..] => Request.AddWatch(path, recursive: true),
            ["remove", "children", ..] => Request.OfMode(OpCode.RemoveWatches, path, 1),
            ["remove", "data", ..] => Request.OfMode(OpCode.RemoveWatches, path, 2),
            ["remove", "any", ..] => Request.OfMode(OpCode.RemoveWatches, path, 3),
            _ => throw new ArgumentException(watch, nameof(watch)),
        });
        Assert.Equal(watch == "exists of nothing" ? NoNode : Ok, reply.Error);
    }

    private Request ChangeOfA(string change) => change switch
    {
        "set" => Request.SetData(At("a"), [1]),
        "acl" => Request.SetAcl(At("a"), Acl.OpenToWorld),
        "delete" => Request.Delete(At("a")),
        "create" => Request.Create(At("a")),
        "child" => Request.Create(At("a/c")),
        "child2" => Request.Create(At("a/d")),
        "child set" => Request.SetData(At("a/c")),
        "child gone" => Request.Delete(At("a/c")),
        "multi" => Request.Multi(Request.SetData(At("a")), Request.SetData(At("a"))),
        _ => throw new ArgumentException(change, nameof(change)),
    };

    [Fact]
    public async Task An_event_comes_before_the_reply_to_any_request_that_sees_the_change()
    {
        var watcher = await ConnectAsync();
        await watcher.DoAsync(Request.AddWatch(Root, recursive: true));
        await Client.DoAsync(Request.AddWatch(Root, recursive: true));
        for (var round = 0; round < 20; round++)
        {
            var path = await MakeAsync($"n{round}");

            // The writer itself has heard of it before its reply, and everybody else before a reply that shows it.
            Assert.Equal([$"NodeCreated {path}"], Client.TakeEvents());
            Assert.Equal(Ok, await watcher.ErrorOfAsync(Request.Exists(path)));
            Assert.Equal([$"NodeCreated {path}"], watcher.TakeEvents());
        }
    }

    [Fact]
    public async Task A_watch_set_in_a_stream_of_writes_misses_none_after_its_reply()
    {
        await MakeAsync("a");
        var watcher = await ConnectAsync();
        var first = (await watcher.DoAsync(Request.GetData(At("a"), watch: true))).Stat.Version;
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                await Client.DoAsync(Request.SetData(At("a")));
            }
        });
        var version = first;
        while (version < 50)
        {
            Assert.Equal($"NodeDataChanged {At("a")}", await watcher.NextEventAsync());
            var next = (await watcher.DoAsync(Request.GetData(At("a"), watch: true))).Stat.Version;
            Assert.InRange(next, version + 1, 50);
            version = next;
        }

        await writing;
        Assert.Empty(await watcher.EventsAsync());
    }

    [Fact]
    public async Task Several_connections_hear_the_same_in_the_same_order_each_with_its_own_watches()
    {
        await MakeAsync("a");
        var watchers = new List<Talker>();
        foreach (var recursive in new[] { true, true, false })
        {
            watchers.Add(await ConnectAsync());
            await watchers[^1].DoAsync(Request.AddWatch(At("a"), recursive));
        }

        await watchers[0].DoAsync(Request.OfMode(OpCode.CheckWatches, At("a"), 3));
        await Client.DoAsync(Request.SetData(At("a")));
        await MakeAsync("a/b");
        await watchers[1].DoAsync(Request.OfMode(OpCode.RemoveWatches, At("a"), 3));
        await Client.DoAsync(Request.SetData(At("a/b")));
        await Client.DoAsync(Request.Delete(At("a/b")));
        string data = $"NodeDataChanged {At("a")}", created = $"NodeCreated {At("a/b")}", children = $"NodeChildrenChanged {At("a")}";
        Assert.Equal([data, created, $"NodeDataChanged {At("a/b")}", $"NodeDeleted {At("a/b")}"], await watchers[0].EventsAsync());
        Assert.Equal([data, created], await watchers[1].EventsAsync());
        Assert.Equal([data, children, children], await watchers[2].EventsAsync());
    }

    [Fact]
    public async Task Two_one_shot_watches_of_one_connection_on_one_path_are_one()
    {
        await MakeAsync("a");
        await Client.DoAsync(Request.GetData(At("a"), watch: true));
        await Client.DoAsync(Request.Exists(At("a"), watch: true));
        await Client.DoAsync(Request.SetData(At("a")));
        Assert.Equal([$"NodeDataChanged {At("a")}"], Client.TakeEvents());
    }

    [Theory]
    [InlineData((int)OpCode.GetData)]
    [InlineData((int)OpCode.GetChildren)]
    [InlineData((int)OpCode.GetChildren2)]
    public async Task A_read_that_fails_sets_no_watch(int type)
    {
        Assert.Equal(NoNode, await Client.ErrorOfAsync(new Request((OpCode)type, "", Request.GetData(At("a"), watch: true).Write)));
        await MakeAsync("a");
        await MakeAsync("a/b");
        Assert.Empty(await Client.EventsAsync());
    }

    [Fact]
    public async Task Adding_a_watch_answers_with_an_int_of_zero_also_where_there_is_no_znode()
    {
        Assert.Equal("00000000", Convert.ToHexString((await Client.DoAsync(Request.AddWatch(At("none")))).Body));
        Assert.Equal("00000000", Convert.ToHexString((await Client.DoAsync(Request.AddWatch(At("none"), recursive: true))).Body));
    }

    public static TheoryData<string, int, bool> WatchKindsAndTypes => new()
    {
        { "exists", 1, false }, { "exists", 2, true }, { "exists", 3, true },
        { "getData", 1, false }, { "getData", 2, true }, { "getData", 3, true },
        { "getChildren", 1, true }, { "getChildren", 2, false }, { "getChildren", 3, true },
        { "persistent", 1, true }, { "persistent", 2, true }, { "persistent", 3, true },
        { "recursive", 1, true }, { "recursive", 2, true }, { "recursive", 3, true },
    };

    [Theory]
    [MemberData(nameof(WatchKindsAndTypes))]
    public async Task A_watch_is_found_and_removed_by_the_types_it_answers_to(string watch, int type, bool found)
    {
        await MakeAsync("a");
        await SetAsync(Client, watch);
        Assert.Equal(NoWatcher, await Client.ErrorOfAsync(Request.OfMode(OpCode.CheckWatches, Root, type)));
        Assert.Equal(NoWatcher, await Client.ErrorOfAsync(Request.OfMode(OpCode.RemoveWatches, Root, type)));
        Assert.Equal(found ? Ok : NoWatcher, await Client.ErrorOfAsync(Request.OfMode(OpCode.CheckWatches, At("a"), type)));
        var other = await ConnectAsync();
        Assert.Equal(NoWatcher, await other.ErrorOfAsync(Request.OfMode(OpCode.RemoveWatches, At("a"), type)));
        Assert.Equal(found ? Ok : NoWatcher, await Client.ErrorOfAsync(Request.OfMode(OpCode.RemoveWatches, At("a"), type)));
        Assert.Equal(NoWatcher, await Client.ErrorOfAsync(Request.OfMode(OpCode.RemoveWatches, At("a"), type)));
        Assert.Equal(NoWatcher, await Client.ErrorOfAsync(Request.OfMode(OpCode.CheckWatches, At("a"), type)));
    }

    [Theory]
    [InlineData((int)OpCode.AddWatch, -1)]
    [InlineData((int)OpCode.AddWatch, 2)]
    [InlineData((int)OpCode.AddWatch, 99)]
    [InlineData((int)OpCode.RemoveWatches, 0)]
    [InlineData((int)OpCode.RemoveWatches, 4)]
    [InlineData((int)OpCode.RemoveWatches, 5)]
    [InlineData((int)OpCode.CheckWatches, 0)]
    [InlineData((int)OpCode.CheckWatches, 4)]
    [InlineData((int)OpCode.CheckWatches, 99)]
    public async Task A_mode_that_3_8_does_not_know_is_a_marshalling_error(int type, int mode) =>
        Assert.Equal(MarshallingError, await Client.ErrorOfAsync(Request.OfMode((OpCode)type, Root, mode)));

    [Fact]
    public async Task Whoever_may_not_read_a_znode_hears_of_its_parents_children_all_the_same()
    {
        var other = await ConnectAsync();
        await other.DoAsync(Request.GetChildren(Root, watch: true));
        await Client.DoAsync(Request.Auth("digest", "u:p"));
        await MakeAsync("secret", acl: Acl.CreatorOnly);
        Assert.Equal([$"NodeChildrenChanged {Root}"], await other.EventsAsync());
    }

    [Fact]
    public async Task Watches_end_with_their_connection_also_within_one_session()
    {
        await MakeAsync("a");
        await Client.DoAsync(Request.AddWatch(Root, recursive: true));
        await Client.DoAsync(Request.GetData(At("a"), watch: true));
        var back = await ConnectAsync(resume: Client.Greeting);
        await back.DoAsync(Request.SetData(At("a")));
        Assert.Empty(await back.EventsAsync());
        Assert.Equal(NoWatcher, await back.ErrorOfAsync(Request.OfMode(OpCode.RemoveWatches, Root, 3)));
    }
}
