using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.Tests.Embedded;

public sealed class MultiRequestTests
{
    private readonly TreeFixture _tree = new();

    [Fact]
    public void A_failed_multi_answers_with_the_error_vector_of_the_real_server()
    {
        _tree.Create("/a");
        TreeOperation[] operations = [TreeFixture.NewNode("/b"), new CheckOperation("/a", 9), new DeleteOperation("/a", -1)];
        var writer = new FrameWriter();
        MultiRequest.WriteResults(writer, operations, _tree.Multi(operations));
        Assert.Equal(
            "FFFFFFFF000000000000000000FFFFFFFF00FFFFFF99FFFFFF99FFFFFFFF00FFFFFFFEFFFFFFFEFFFFFFFF01FFFFFFFF",
            Convert.ToHexString(writer.Written.Span));
    }

    [Fact]
    public void A_failed_multi_leaves_no_trace()
    {
        _tree.Create("/p");
        _tree.Create("/p/old", flags: 1);
        var (root, parent, old) = (_tree.StatOf("/"), _tree.StatOf("/p"), _tree.StatOf("/p/old"));
        var results = _tree.Multi(
            TreeFixture.NewNode("/p/n", 2),
            TreeFixture.NewNode("/p/n", 3),
            new SetDataOperation("/p", [1], -1),
            new SetDataOperation("/p", [2], 1),
            new DeleteOperation("/p/old", -1),
            TreeFixture.NewNode("/top", 1),
            TreeFixture.NewNode("/p/old"),
            new DeleteOperation("/p/old", 0),
            new CheckOperation("/absent", -1));
        Assert.Equal(ZooKeeperErrorCode.NoNode, results[^1].Error);
        Assert.Empty(_tree.LastChanges);
        Assert.Equal((root, parent, old), (_tree.StatOf("/"), _tree.StatOf("/p"), _tree.StatOf("/p/old")));
        Assert.Equal(["old"], _tree.Tree.Find("/p")!.Children);
        Assert.Equal(["/p/old"], _tree.Tree.EphemeralsOf(TreeFixture.SessionId, ""));
        Assert.Equal("/p/n0000000001", _tree.Create("/p/n", flags: 2));
    }

    [Fact]
    public void Operations_of_a_multi_see_each_other_and_share_one_zxid()
    {
        var results = _tree.Multi(
            TreeFixture.NewNode("/p"),
            TreeFixture.NewNode("/p/n", 2),
            TreeFixture.NewNode("/p/n", 2),
            new CheckOperation("/p", 0),
            new SetDataOperation("/p", [1], 0),
            new CheckOperation("/p", 1));
        Assert.All(results, result => Assert.Equal(ZooKeeperErrorCode.Ok, result.Error));
        Assert.Equal("/p/n0000000001", results[2].Path);
        Assert.Equal((1L, 1L, 1L), (_tree.StatOf("/p").Czxid, _tree.StatOf("/p").Mzxid, _tree.StatOf("/p/n0000000001").Czxid));
        Assert.Equal(["/p", "/p/n0000000000", "/p/n0000000001", "/p"], _tree.LastChanges.Select(change => change.Path));
    }

    [Fact]
    public void An_empty_multi_answers_with_its_end_alone()
    {
        var writer = new FrameWriter();
        MultiRequest.WriteResults(writer, [], _tree.Multi());
        Assert.Equal("FFFFFFFF01FFFFFFFF", Convert.ToHexString(writer.Written.Span));
    }

    [Theory]
    [InlineData((int)OpCode.SetAcl)]
    [InlineData((int)OpCode.GetData)]
    [InlineData(99)]
    public void A_multi_with_another_operation_cannot_be_read(int type)
    {
        var writer = new FrameWriter();
        new MultiHeader((OpCode)type, false, -1).Write(writer);
        new PathWatchRecord("/a", false).Write(writer);
        MultiHeader.End.Write(writer);
        Assert.Throws<JuteException>(() => Read(writer));
    }

    [Fact]
    public void Bad_create_flags_fail_their_own_operation() =>
        Assert.Equal(
            [ZooKeeperErrorCode.Ok, ZooKeeperErrorCode.BadArguments, ZooKeeperErrorCode.RuntimeInconsistency],
            _tree.Multi(TreeFixture.NewNode("/a"), TreeFixture.NewNode("/b", 9), TreeFixture.NewNode("/c")).Select(result => result.Error));

    private static List<TreeOperation> Read(FrameWriter writer)
    {
        var reader = new JuteReader(writer.Written.Span);
        return MultiRequest.Read(ref reader, VersionRules.Default);
    }
}
