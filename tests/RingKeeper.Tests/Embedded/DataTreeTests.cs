using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.Tests.Embedded;

public sealed class DataTreeTests
{
    private readonly TreeFixture _tree = new();

    [Fact]
    public void A_fresh_tree_holds_the_system_nodes_with_their_known_stats()
    {
        Assert.Equal(new Stat(0, 0, 0, 0, 0, -1, 0, 0, 0, 1, 0), _tree.StatOf("/"));
        Assert.Equal(-2, _tree.StatOf("/zookeeper").Cversion);
        Assert.Equal(-1, _tree.StatOf("/zookeeper/config").Aversion);
        Assert.Equal(ZooKeeperErrorCode.NoAuth, _tree.Apply(new SetDataOperation("/zookeeper/config", [1], -1)).Error);
    }

    [Fact]
    public void A_new_node_carries_its_zxid_three_times_and_its_time_twice()
    {
        _tree.Create("/a");
        Assert.Equal(new Stat(1, 1, 1_001, 1_001, 0, 0, 0, 0, 0, 0, 1), _tree.StatOf("/a"));
    }

    [Fact]
    public void Creating_and_deleting_a_child_counts_twice_and_moves_pzxid_only()
    {
        _tree.Create("/a");
        _tree.Create("/a/b");
        _tree.Apply(new DeleteOperation("/a/b", -1));
        var stat = _tree.StatOf("/a");
        Assert.Equal((2, 0, 3L, 1L, 0), (stat.Cversion, stat.NumChildren, stat.Pzxid, stat.Mzxid, stat.Version));
    }

    [Fact]
    public void Setting_data_moves_mzxid_mtime_and_version()
    {
        _tree.Create("/a");
        var stat = _tree.Apply(new SetDataOperation("/a", [1, 2, 3], 0)).Stat!.Value;
        Assert.Equal((1L, 2L, 1_001L, 1_002L, 1, 3), (stat.Czxid, stat.Mzxid, stat.Ctime, stat.Mtime, stat.Version, stat.DataLength));
    }

    [Fact]
    public void Setting_the_acl_moves_aversion_alone()
    {
        _tree.Create("/a");
        var before = _tree.StatOf("/a");
        Assert.Equal(before with { Aversion = 1 }, _tree.Apply(new SetAclOperation("/a", Acl.OpenToWorld, 0)).Stat);
        Assert.Equal(ZooKeeperErrorCode.BadVersion, _tree.Apply(new SetAclOperation("/a", Acl.OpenToWorld, 0)).Error);
    }

    [Fact]
    public void Sequence_numbers_count_every_create_and_never_go_back()
    {
        _tree.Create("/a");
        Assert.Equal("/a/n-0000000000", _tree.Create("/a/n-", flags: 2));
        _tree.Create("/a/plain");
        _tree.Apply(new DeleteOperation("/a/n-0000000000", -1));
        Assert.Equal("/a/n-0000000002", _tree.Create("/a/n-", flags: 3));
        Assert.Equal("/a/0000000003", _tree.Create("/a/", flags: 2));
    }

    [Theory]
    [InlineData(int.MaxValue, "2147483647")]
    [InlineData(int.MinValue, "-2147483648")]
    [InlineData(-5, "-000000005")]
    public void Sequence_numbers_wrap_as_signed_ints(int creates, string suffix)
    {
        _tree.Create("/a");
        _tree.Tree.Find("/a")!.Creates = creates;
        Assert.Equal("/a/n" + suffix, _tree.Create("/a/n", flags: 2));
    }

    [Fact]
    public void A_version_never_becomes_minus_one()
    {
        _tree.Create("/a");
        _tree.Tree.Find("/a")!.Version = -2;
        Assert.Equal(0, _tree.Apply(new SetDataOperation("/a", null, -2)).Stat!.Value.Version);
    }

    [Theory]
    [InlineData("/a", 7, ZooKeeperErrorCode.BadArguments)]
    [InlineData("/a", 5, ZooKeeperErrorCode.Unimplemented)]
    [InlineData("nope", 0, ZooKeeperErrorCode.BadArguments)]
    [InlineData("/none/b", 0, ZooKeeperErrorCode.NoNode)]
    [InlineData("/p/", 0, ZooKeeperErrorCode.BadArguments)]
    [InlineData("/p/../q", 0, ZooKeeperErrorCode.NoNode)]
    [InlineData("/p/..", 0, ZooKeeperErrorCode.BadArguments)]
    [InlineData("/p", 0, ZooKeeperErrorCode.NodeExists)]
    [InlineData("/", 0, ZooKeeperErrorCode.NodeExists)]
    [InlineData("/e/x", 0, ZooKeeperErrorCode.NoChildrenForEphemerals)]
    public void Create_checks_in_the_order_of_the_real_server(string path, int flags, ZooKeeperErrorCode expected)
    {
        _tree.Create("/p");
        _tree.Create("/e", flags: 1);
        Assert.Equal(expected, _tree.Apply(TreeFixture.NewNode(path, flags)).Error);
        Assert.Empty(_tree.LastChanges);
    }

    [Theory]
    [InlineData("/", -1, ZooKeeperErrorCode.BadArguments)]
    [InlineData("/zookeeper", -1, ZooKeeperErrorCode.BadArguments)]
    [InlineData("nope", -1, ZooKeeperErrorCode.BadArguments)]
    [InlineData("/none", -1, ZooKeeperErrorCode.NoNode)]
    [InlineData("/p", 3, ZooKeeperErrorCode.BadVersion)]
    [InlineData("/p", 0, ZooKeeperErrorCode.NotEmpty)]
    public void Delete_checks_in_the_order_of_the_real_server(string path, int version, ZooKeeperErrorCode expected)
    {
        _tree.Create("/p");
        _tree.Create("/p/c");
        Assert.Equal(expected, _tree.Apply(new DeleteOperation(path, version)).Error);
    }

    [Fact]
    public void Ephemerals_of_a_session_go_in_one_transaction_and_others_stay()
    {
        _tree.Create("/p");
        _tree.Create("/p/mine", flags: 1);
        _tree.Create("/also", flags: 3);
        _tree.Caller = _tree.Caller with { SessionId = 2 };
        _tree.Create("/p/theirs", flags: 1);
        var transaction = new TreeTransaction(77, 0);
        _tree.Tree.RemoveEphemerals(TreeFixture.SessionId, transaction);
        Assert.Equal(["/also0000000001", "/p/mine"], transaction.Changes.Select(change => change.Path).Order());
        Assert.Equal(77, _tree.StatOf("/p").Pzxid);
        Assert.Equal(["theirs"], _tree.Tree.Find("/p")!.Children);
        Assert.Empty(_tree.Tree.EphemeralsOf(TreeFixture.SessionId, ""));
        Assert.Equal(["/p/theirs"], _tree.Tree.EphemeralsOf(2, "/p/"));
    }

    [Fact]
    public void A_container_shows_no_owner_and_is_abandoned_only_after_it_had_a_child()
    {
        Assert.Equal(0, _tree.Apply(TreeFixture.NewNode("/c", 4, type: OpCode.CreateContainer)).Stat!.Value.EphemeralOwner);
        Assert.Empty(_tree.Tree.FindAbandoned(time: 0));
        _tree.Create("/c/x");
        Assert.Empty(_tree.Tree.FindAbandoned(time: 0));
        _tree.Apply(new DeleteOperation("/c/x", -1));
        Assert.Equal(["/c"], _tree.Tree.FindAbandoned(time: 0));
    }

    [Fact]
    public void Descendants_are_counted_by_whole_names()
    {
        _tree.Create("/a");
        _tree.Create("/a/b");
        _tree.Create("/a/b/c");
        _tree.Create("/ab");
        Assert.Equal(2, _tree.Tree.CountDescendants("/a"));
        Assert.Equal(7, _tree.Tree.CountDescendants("/"));
    }
}
