using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

public abstract partial class ClientSuite
{
    [Fact]
    public async Task One_shot_watches_report_the_change_once()
    {
        await using var client = await ConnectAsync();
        await using var other = await ConnectAsync();
        var root = await CreateRootAsync(client);
        var data = await client.GetDataAndWatchAsync(root);
        var same = await client.ExistsAndWatchAsync(root);
        var missing = await client.ExistsAndWatchAsync($"{root}/a");
        var children = await client.GetChildrenAndWatchAsync(root);
        Assert.NotNull(same.Value);
        Assert.Null(missing.Value);

        await other.SetDataAsync(root, default);
        Assert.Equal(Event(WatchedEventType.NodeDataChanged, root), await data.Changed.WaitAsync(Patience, TimeProvider.System));
        Assert.Equal(Event(WatchedEventType.NodeDataChanged, root), await same.Changed.WaitAsync(Patience, TimeProvider.System));
        await client.SyncAsync(root);
        Assert.False(missing.Changed.IsCompleted);
        Assert.False(children.Changed.IsCompleted);

        await other.CreateAsync($"{root}/a", default);
        Assert.Equal(Event(WatchedEventType.NodeCreated, $"{root}/a"), await missing.Changed.WaitAsync(Patience, TimeProvider.System));
        Assert.Equal(Event(WatchedEventType.NodeChildrenChanged, root), await children.Changed.WaitAsync(Patience, TimeProvider.System));
    }

    [Fact]
    public async Task Deletion_reaches_every_kind_of_one_shot_watch()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        var data = await client.GetDataAndWatchAsync(root);
        var exists = await client.ExistsAndWatchAsync(root);
        var children = await client.GetChildrenAndWatchAsync(root);

        await client.DeleteAsync(root);

        var deleted = Event(WatchedEventType.NodeDeleted, root);
        Assert.Equal([deleted, deleted, deleted], await Task.WhenAll(data.Changed, exists.Changed, children.Changed).WaitAsync(Patience, TimeProvider.System));
    }

    [Fact]
    public async Task An_event_is_handed_over_before_the_reply_to_what_caused_it()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        for (var i = 0; i < 50; i++)
        {
            var watched = await client.GetDataAndWatchAsync(root);

            await client.SetDataAsync(root, default);

            Assert.True(watched.Changed.IsCompleted);
        }
    }

    [Fact]
    public async Task The_client_may_be_awaited_in_code_that_an_event_woke()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        var watched = await client.GetDataAndWatchAsync(root);
        var woken = Task.Run(async () =>
        {
            await watched.Changed;
            return client.GetDataAsync(root).AsTask().GetAwaiter().GetResult().Stat.Version;
        });

        await client.SetDataAsync(root, default);

        Assert.Equal(1, await woken.WaitAsync(Patience, TimeProvider.System));
    }

    [Fact]
    public async Task A_persistent_watch_reports_the_znode_and_its_children_coming_and_going()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        var path = $"{root}/p";
        await using var subscription = await client.WatchAsync(path, WatchMode.Persistent);
        await using var events = new EventReader(subscription);

        await ChangeEverythingBelowAsync(client, path);

        Assert.Equal(
            [
                Event(WatchedEventType.NodeCreated, path),
                Event(WatchedEventType.NodeDataChanged, path),
                Event(WatchedEventType.NodeChildrenChanged, path),
                Event(WatchedEventType.NodeChildrenChanged, path),
                Event(WatchedEventType.NodeDeleted, path),
            ],
            await events.NextAsync(5));
    }

    [Fact]
    public async Task A_recursive_watch_reports_the_subtree()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        var path = $"{root}/p";
        await using var subscription = await client.WatchAsync(path, WatchMode.PersistentRecursive);
        await using var events = new EventReader(subscription);

        await ChangeEverythingBelowAsync(client, path);

        Assert.Equal(RecursiveEvents(path), await events.NextAsync(7));
    }

    [Theory]
    [InlineData(WatchMode.Persistent, WatchMode.PersistentRecursive)]
    [InlineData(WatchMode.PersistentRecursive, WatchMode.Persistent)]
    public async Task Both_modes_share_a_path_in_either_order(WatchMode first, WatchMode second)
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        var path = $"{root}/p";
        await using var one = await client.WatchAsync(path, first);
        await using var two = await client.WatchAsync(path, second);
        await using var persistent = new EventReader(first == WatchMode.Persistent ? one : two);
        await using var recursive = new EventReader(first == WatchMode.Persistent ? two : one);

        await ChangeEverythingBelowAsync(client, path);

        Assert.Equal(RecursiveEvents(path), await recursive.NextAsync(7));
        Assert.Equal(
            [
                Event(WatchedEventType.NodeCreated, path),
                Event(WatchedEventType.NodeDataChanged, path),
                Event(WatchedEventType.NodeChildrenChanged, path),
                Event(WatchedEventType.NodeChildrenChanged, path),
                Event(WatchedEventType.NodeDeleted, path),
            ],
            await persistent.NextAsync(5));
    }

    [Theory]
    [InlineData(WatchMode.Persistent, true)]
    [InlineData(WatchMode.Persistent, false)]
    [InlineData(WatchMode.PersistentRecursive, true)]
    [InlineData(WatchMode.PersistentRecursive, false)]
    public async Task One_shot_watches_and_a_subscription_share_a_path(WatchMode mode, bool subscribeFirst)
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        await client.CreateAsync($"{root}/a", default);
        var early = subscribeFirst ? await client.WatchAsync(root, mode) : null;
        var data = await client.GetDataAndWatchAsync(root);
        var children = await client.GetChildrenAndWatchAsync(root);
        await using var subscription = early ?? await client.WatchAsync(root, mode);
        await using var events = new EventReader(subscription);

        await client.SetDataAsync(root, default);
        Assert.Equal(Event(WatchedEventType.NodeDataChanged, root), await data.Changed.WaitAsync(Patience, TimeProvider.System));
        await client.CreateAsync($"{root}/b", default);
        Assert.Equal(Event(WatchedEventType.NodeChildrenChanged, root), await children.Changed.WaitAsync(Patience, TimeProvider.System));
        await client.SetDataAsync(root, default);

        var child = mode == WatchMode.Persistent ? Event(WatchedEventType.NodeChildrenChanged, root) : Event(WatchedEventType.NodeCreated, $"{root}/b");
        Assert.Equal(
            [Event(WatchedEventType.NodeDataChanged, root), child, Event(WatchedEventType.NodeDataChanged, root)],
            await events.NextAsync(3));
    }

    [Fact]
    public async Task Disposing_a_subscription_leaves_the_other_watches_of_its_path()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        var first = await client.WatchAsync(root, WatchMode.PersistentRecursive);
        await using var second = await client.WatchAsync(root, WatchMode.Persistent);
        await using var events = new EventReader(second);
        await first.DisposeAsync();

        await client.CreateAsync($"{root}/a", default);
        Assert.Equal(Event(WatchedEventType.NodeChildrenChanged, root), await events.NextAsync());

        var data = await client.GetDataAndWatchAsync(root);
        await second.DisposeAsync();
        await client.SetDataAsync(root, default);
        Assert.Equal(Event(WatchedEventType.NodeDataChanged, root), await data.Changed.WaitAsync(Patience, TimeProvider.System));

        var again = await client.GetDataAndWatchAsync(root);
        await client.SetDataAsync(root, default);
        Assert.Equal(Event(WatchedEventType.NodeDataChanged, root), await again.Changed.WaitAsync(Patience, TimeProvider.System));
        Assert.True(await events.HasEndedAsync());
    }

    [Fact]
    public async Task Subscribing_and_leaving_while_the_znode_changes_hurts_nobody()
    {
        await using var client = await ConnectAsync();
        await using var other = await ConnectAsync();
        var root = await CreateRootAsync(client);
        await using var session = new SessionReader(client);
        using var enough = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                await other.SetDataAsync(root, default);
            }
        });

        for (var i = 0; i < 100; i++)
        {
            var subscription = await client.WatchAsync(root, i % 2 == 0 ? WatchMode.Persistent : WatchMode.PersistentRecursive);
            var read = client.GetDataAndWatchAsync(root);
            await subscription.DisposeAsync();
            await (await read).Changed.WaitAsync(Patience, TimeProvider.System);
        }

        await enough.CancelAsync();
        await writing;
        await client.DisposeAsync();
        await session.UntilAsync(SessionState.Closed);
        Assert.Equal([SessionState.Connected, SessionState.Closed], session.Seen);
    }

    // Seven changes: a recursive watch reports each, a persistent one the five that concern the path itself.
    private static async Task ChangeEverythingBelowAsync(ZooKeeper.ZooKeeperClient client, string path)
    {
        await client.CreateAsync(path, default);
        await client.SetDataAsync(path, default);
        await client.CreateAsync($"{path}/a", default);
        await client.CreateAsync($"{path}/a/b", default);
        await client.DeleteAsync($"{path}/a/b");
        await client.DeleteAsync($"{path}/a");
        await client.DeleteAsync(path);
    }

    private static WatchedEvent[] RecursiveEvents(string path) =>
    [
        Event(WatchedEventType.NodeCreated, path),
        Event(WatchedEventType.NodeDataChanged, path),
        Event(WatchedEventType.NodeCreated, $"{path}/a"),
        Event(WatchedEventType.NodeCreated, $"{path}/a/b"),
        Event(WatchedEventType.NodeDeleted, $"{path}/a/b"),
        Event(WatchedEventType.NodeDeleted, $"{path}/a"),
        Event(WatchedEventType.NodeDeleted, path),
    ];
}
