using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.Tests.Embedded;

public sealed class NodeWatchesTests
{
    private readonly NodeWatches _watches = new();
    private readonly Recorder _watcher = new();

    [Fact]
    public void Two_watches_of_one_kind_collapse_and_fire_once()
    {
        _watches.AddData("/a", _watcher);
        _watches.AddData("/a", _watcher);
        Fire(WatchedEventType.NodeDataChanged, "/a");
        Fire(WatchedEventType.NodeDataChanged, "/a");
        Assert.Equal(["NodeDataChanged /a"], _watcher.Seen);
        Assert.Equal(0, _watches.Count);
    }

    [Fact]
    public void Deletion_is_told_once_to_whoever_watches_data_and_children()
    {
        var childOnly = new Recorder();
        _watches.AddData("/a", _watcher);
        _watches.AddChild("/a", _watcher);
        _watches.AddChild("/a", childOnly);
        Fire(WatchedEventType.NodeDeleted, "/a");
        Assert.Equal(["NodeDeleted /a"], _watcher.Seen);
        Assert.Equal(["NodeDeleted /a"], childOnly.Seen);
        Assert.Equal(0, _watches.Count);
    }

    [Fact]
    public void Creation_and_deletion_reach_the_child_watch_of_the_parent_and_data_changes_do_not()
    {
        _watches.AddChild("/", _watcher);
        Fire(WatchedEventType.NodeDataChanged, "/a");
        Assert.Empty(_watcher.Seen);
        Fire(WatchedEventType.NodeCreated, "/a");
        _watches.AddChild("/", _watcher);
        Fire(WatchedEventType.NodeDeleted, "/a");
        Assert.Equal(["NodeChildrenChanged /", "NodeChildrenChanged /"], _watcher.Seen);
    }

    [Fact]
    public void A_persistent_watch_stays_and_sees_data_and_children_of_its_path_alone()
    {
        _watches.AddLasting("/a", _watcher, WatchKind.Persistent);
        Fire(WatchedEventType.NodeCreated, "/a");
        Fire(WatchedEventType.NodeCreated, "/a/b");
        Fire(WatchedEventType.NodeDataChanged, "/a/b");
        Fire(WatchedEventType.NodeDataChanged, "/a");
        Fire(WatchedEventType.NodeDeleted, "/a");
        Assert.Equal(["NodeCreated /a", "NodeChildrenChanged /a", "NodeDataChanged /a", "NodeDeleted /a"], _watcher.Seen);
    }

    [Fact]
    public void A_recursive_watch_sees_every_descendant_once_and_no_child_event()
    {
        _watches.AddLasting("/a", _watcher, WatchKind.Recursive);
        Fire(WatchedEventType.NodeCreated, "/a");
        Fire(WatchedEventType.NodeCreated, "/a/b/c");
        Fire(WatchedEventType.NodeDataChanged, "/a/b/c");
        Fire(WatchedEventType.NodeDeleted, "/a/b/c");
        Fire(WatchedEventType.NodeCreated, "/ab");
        Assert.Equal(["NodeCreated /a", "NodeCreated /a/b/c", "NodeDataChanged /a/b/c", "NodeDeleted /a/b/c"], _watcher.Seen);
    }

    [Fact]
    public void A_recursive_watch_on_the_root_sees_everything()
    {
        _watches.AddLasting("/", _watcher, WatchKind.Recursive);
        Fire(WatchedEventType.NodeCreated, "/x/y");
        Assert.Equal(["NodeCreated /x/y"], _watcher.Seen);
    }

    [Fact]
    public void The_mode_registered_last_takes_the_place_of_the_one_before()
    {
        _watches.AddLasting("/a", _watcher, WatchKind.Persistent);
        _watches.AddLasting("/a", _watcher, WatchKind.Recursive);
        Fire(WatchedEventType.NodeCreated, "/a/b");
        Assert.Equal(["NodeCreated /a/b"], _watcher.Seen);
    }

    [Fact]
    public void Removing_says_whether_there_was_a_watch()
    {
        _watches.AddChild("/a", _watcher);
        Assert.False(_watches.Remove("/a", _watcher, WatchTables.Data));
        Assert.True(_watches.Contains("/a", _watcher, WatchTables.Any));
        Assert.True(_watches.Remove("/a", _watcher, WatchTables.Any));
        Assert.False(_watches.Contains("/a", _watcher, WatchTables.Any));
        Assert.False(_watches.Remove("/a", _watcher, WatchTables.Any));
    }

    [Fact]
    public void Letting_go_of_a_watcher_removes_all_its_watches_and_no_other()
    {
        var other = new Recorder();
        _watches.AddLasting("/a", _watcher, WatchKind.Recursive);
        _watches.AddData("/b", _watcher);
        _watches.AddData("/a", other);
        _watches.RemoveAll(_watcher);
        Fire(WatchedEventType.NodeDeleted, "/a");
        Assert.Empty(_watcher.Seen);
        Assert.Equal(["NodeDeleted /a"], other.Seen);
    }

    [Fact]
    public void Restored_watches_tell_what_was_missed_and_register_the_rest()
    {
        var tree = new TreeFixture();
        tree.Create("/same");
        tree.Create("/changed");
        tree.Create("/parent");
        var seen = tree.Zxid;
        tree.Apply(new SetDataOperation("/changed", [1], -1));
        tree.Create("/parent/child");
        tree.Create("/appeared");
        _watches.Restore(
            new SetWatchesRecord(seen, ["/same", "/changed", "/gone"], ["/appeared", "/absent"], ["/same", "/parent", "/away"], ["/changed"], ["/parent"]),
            tree.Tree,
            _watcher);
        Assert.Equal(
            ["NodeDataChanged /changed", "NodeDeleted /gone", "NodeCreated /appeared", "NodeChildrenChanged /parent", "NodeDeleted /away"],
            _watcher.Seen);
        Assert.True(_watches.Contains("/same", _watcher, WatchTables.Data));
        Assert.True(_watches.Contains("/same", _watcher, WatchTables.Child));
        Assert.True(_watches.Contains("/absent", _watcher, WatchTables.Data));
        Assert.False(_watches.Contains("/gone", _watcher, WatchTables.Any));
        _watcher.Seen.Clear();
        Fire(WatchedEventType.NodeDeleted, "/parent/child");
        Assert.Equal(["NodeDeleted /parent/child"], _watcher.Seen);
    }

    private void Fire(WatchedEventType type, string path) => _watches.Fire([new TreeChange(type, path)]);

    private sealed class Recorder : IWatcher
    {
        public List<string> Seen { get; } = [];

        public void Notify(TreeChange change) => Seen.Add($"{change.Type} {change.Path}");
    }
}
