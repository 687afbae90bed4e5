using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Session;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

public sealed class WatchRegistryTests : IDisposable
{
    private readonly List<string> _removals = [];
    private readonly WatchRegistry _registry;
    private readonly ClientSession _session = new(new ZooKeeperClientOptions { ConnectString = "unused" }, Chroot.None);

    public WatchRegistryTests() => _registry = new WatchRegistry(_removals.Add);

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_one_shot_watch_fires_once_for_its_kind_of_change()
    {
        var data = AddOneShot("/a", OneShotKind.Data);
        var child = AddOneShot("/a", OneShotKind.Child);

        _registry.Dispatch(WatchedEventType.NodeChildrenChanged, "/a");
        Assert.False(data.Task.IsCompleted);
        Assert.Equal(new WatchedEvent(WatchedEventType.NodeChildrenChanged, "/a"), EventOf(child));

        _registry.Dispatch(WatchedEventType.NodeDeleted, "/a");
        Assert.Equal(Change(WatchedEventType.NodeDeleted, "/a"), EventOf(data));
        Assert.Equal(0, _registry.PathCount);
    }

    [Fact]
    public void Both_modes_on_one_path_are_served_by_a_recursive_watch()
    {
        var persistent = Subscribe("/a", WatchMode.Persistent);
        var recursive = Subscribe("/a", WatchMode.PersistentRecursive);

        // What a recursive watch sends; the NodeChildrenChanged stems from a one-shot watch of the same connection.
        _registry.Dispatch(WatchedEventType.NodeCreated, "/a/b");
        _registry.Dispatch(WatchedEventType.NodeChildrenChanged, "/a");
        _registry.Dispatch(WatchedEventType.NodeCreated, "/a/b/c");
        _registry.Dispatch(WatchedEventType.NodeDataChanged, "/a");

        Assert.Equal([Change(WatchedEventType.NodeChildrenChanged, "/a"), Change(WatchedEventType.NodeDataChanged, "/a")], Read(persistent));
        Assert.Equal(
            [Change(WatchedEventType.NodeCreated, "/a/b"), Change(WatchedEventType.NodeCreated, "/a/b/c"), Change(WatchedEventType.NodeDataChanged, "/a")],
            Read(recursive));
    }

    [Fact]
    public void A_later_persistent_subscription_does_not_lessen_a_recursive_watch()
    {
        Subscribe("/a", WatchMode.PersistentRecursive);

        Assert.Equal(WatchMode.PersistentRecursive, _registry.BeginArm("/a", WatchMode.Persistent));
    }

    [Fact]
    public void A_recursive_watch_of_the_root_hears_everything()
    {
        var subscription = Subscribe("/", WatchMode.PersistentRecursive);
        var child = AddOneShot("/", OneShotKind.Child);

        _registry.Dispatch(WatchedEventType.NodeCreated, "/a");
        _registry.Dispatch(WatchedEventType.NodeDeleted, "/a/b/c");

        Assert.Equal([Change(WatchedEventType.NodeCreated, "/a"), Change(WatchedEventType.NodeDeleted, "/a/b/c")], Read(subscription));
        Assert.Equal(Change(WatchedEventType.NodeChildrenChanged, "/"), EventOf(child));
    }

    [Fact]
    public void A_read_behind_a_persistent_watch_sets_none_of_its_own()
    {
        Assert.False(_registry.BeginRead("/a"));
        _registry.EndRequest("/a");
        _registry.BeginArm("/a", WatchMode.Persistent);

        Assert.True(_registry.BeginRead("/a"));
    }

    [Fact]
    public void A_watch_is_removed_only_when_nobody_relies_on_it()
    {
        var subscription = Subscribe("/a", WatchMode.Persistent);
        var oneShot = AddOneShot("/a", OneShotKind.Data);
        _registry.BeginRead("/a");

        _registry.RemoveSubscription(subscription);
        Assert.Empty(_removals);
        _registry.Dispatch(WatchedEventType.NodeDataChanged, "/a");
        Assert.True(oneShot.Task.IsCompleted);
        Assert.Empty(_removals);
        _registry.EndRequest("/a");

        Assert.Equal(["/a"], _removals);
        Assert.True(_registry.BeginRemoval("/a"));
        Assert.False(_registry.BeginRemoval("/a"));
        Assert.Equal(0, _registry.PathCount);
    }

    [Fact]
    public void A_refused_watch_leaves_the_one_behind_it_in_force()
    {
        _registry.BeginArm("/a", WatchMode.Persistent);
        _registry.BeginArm("/a", WatchMode.Persistent);

        _registry.ArmRefused("/a");
        _registry.EndRequest("/a");
        _registry.Armed("/a", WatchMode.Persistent);
        _registry.EndRequest("/a");

        // Its subscriber gave up meanwhile: the server must be told.
        Assert.Equal(["/a"], _removals);
        Assert.True(_registry.BeginRemoval("/a"));
    }

    [Fact]
    public void When_all_watches_are_refused_a_read_sets_its_own()
    {
        _registry.BeginArm("/a", WatchMode.Persistent);
        _registry.BeginArm("/a", WatchMode.Persistent);

        _registry.ArmRefused("/a");
        Assert.True(_registry.BeginRead("/a"));
        _registry.ArmRefused("/a");

        Assert.False(_registry.BeginRead("/a"));
    }

    [Fact]
    public void A_removal_is_taken_back_when_somebody_comes_before_it_is_written()
    {
        _registry.RemoveSubscription(Subscribe("/a", WatchMode.Persistent));
        Assert.Equal(["/a"], _removals);
        _registry.BeginRead("/a");

        Assert.False(_registry.BeginRemoval("/a"));
    }

    [Fact]
    public void After_a_lost_connection_all_that_is_waited_for_is_listed_and_a_gap_told_once()
    {
        var subscription = Subscribe("/p", WatchMode.Persistent);
        Subscribe("/both", WatchMode.Persistent);
        Subscribe("/both", WatchMode.PersistentRecursive);
        AddOneShot("/a", OneShotKind.Data);
        AddOneShot("/a", OneShotKind.Data);
        AddOneShot("/a", OneShotKind.Child);
        AddOneShot("/missing", OneShotKind.Exist);
        _registry.BeginRead("/forgotten");

        _registry.ConnectionLost();
        var list = _registry.ListForRearm();

        Assert.Equal(
            [KeyValuePair.Create("/a", OneShotKind.Data), KeyValuePair.Create("/a", OneShotKind.Child), KeyValuePair.Create("/missing", OneShotKind.Exist)],
            list.OneShots);
        Assert.Equal(
            [KeyValuePair.Create("/p", WatchMode.Persistent), KeyValuePair.Create("/both", WatchMode.PersistentRecursive)],
            list.Persistent);
        Assert.Equal(4, _registry.PathCount);

        _registry.BeginRearm("/p", WatchMode.Persistent);
        _registry.Rearmed("/p", WatchMode.Persistent);
        Assert.Equal([Change(WatchedEventType.Gap, "/p")], Read(subscription));
    }

    [Fact]
    public void Expiry_ends_one_shot_watches_and_keeps_subscriptions()
    {
        var subscription = Subscribe("/p", WatchMode.Persistent);
        var oneShot = AddOneShot("/a", OneShotKind.Data);

        _registry.Expire();

        Assert.Equal(Change(WatchedEventType.SessionExpired, "/a"), EventOf(oneShot));
        Assert.Equal([Change(WatchedEventType.SessionExpired, "/p")], Read(subscription));
        Assert.Equal("/p", Assert.Single(_registry.ListForRearm().Persistent).Key);
    }

    [Fact]
    public void Batches_stay_below_the_limit_and_set_persistent_watches_last()
    {
        var list = new RearmList();
        var name = new string('x', 1000);
        for (var i = 0; i < 200; i++)
        {
            list.OneShots.Add(KeyValuePair.Create($"/{i}{name}", OneShotKind.Data));
            list.Persistent.Add(KeyValuePair.Create($"/{i}{name}", WatchMode.PersistentRecursive));
        }

        var batches = SetWatchesBatches.Build(list, relativeZxid: 9, new Chroot("/app")).ToList();

        var data = new List<string>();
        var recursive = new List<string>();
        foreach (var batch in batches)
        {
            Assert.True(batch.Body.Length < SetWatchesBatches.MaxPathBytes + 100, $"{batch.Body.Length}");
            var reader = new JuteReader(batch.Body);
            var record = SetWatchesRecord.Read(ref reader, batch.Type == OpCode.SetWatches2);
            Assert.Equal(9, record.RelativeZxid);
            Assert.True(recursive.Count == 0 || record.Data.Count == 0);
            data.AddRange(record.Data);
            recursive.AddRange(record.PersistentRecursive);
        }

        Assert.Equal(OpCode.SetWatches, batches[0].Type);
        Assert.Equal(OpCode.SetWatches2, batches[^1].Type);
        Assert.Equal(list.OneShots.Select(w => "/app" + w.Key), data);
        Assert.Equal(list.Persistent.Select(w => "/app" + w.Key), recursive);
    }

    private static WatchedEvent Change(WatchedEventType type, string path) => new(type, path);

    private static WatchedEvent? EventOf(OneShotWatch watch) => watch.Task.IsCompletedSuccessfully ? watch.Task.Result : null;

    private static List<WatchedEvent> Read(WatchSubscription subscription)
    {
        subscription.Events.Complete();
        return subscription.ReadAllAsync(CancellationToken.None).ToBlockingEnumerable().ToList();
    }

    private OneShotWatch AddOneShot(string path, OneShotKind kind)
    {
        var watch = new OneShotWatch(kind);
        _registry.AddOneShot(path, watch);
        return watch;
    }

    private WatchSubscription Subscribe(string path, WatchMode mode)
    {
        var armed = _registry.BeginArm(path, mode);
        var subscription = new WatchSubscription(_session, path, mode);
        _registry.Armed(path, armed);
        _registry.AddSubscription(subscription);
        _registry.EndRequest(path);
        return subscription;
    }
}
