using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

public sealed class CacheTableTests
{
    private readonly CacheTable _table = new();

    [Fact]
    public void A_reading_that_is_older_than_what_is_held_changes_nothing()
    {
        Put("/a", czxid: 1, mzxid: 5, data: "new");
        Assert.Empty(Put("/a", czxid: 1, mzxid: 4, data: "old"));
        Assert.Empty(Put("/a", czxid: 0, mzxid: 9, data: "of the one before"));
        Assert.Equal("new", Text("/a"));
    }

    [Fact]
    public void A_node_made_anew_with_the_same_version_is_told_as_both()
    {
        Put("/a", czxid: 1, mzxid: 1, data: "old");
        Put("/a/b", czxid: 2, mzxid: 2, data: "below");
        var changes = Put("/a", czxid: 3, mzxid: 3, data: "new");
        Assert.Equal([(CacheChangeType.Removed, "/a/b"), (CacheChangeType.Removed, "/a"), (CacheChangeType.Added, "/a")], changes.Select(c => (c.Type, c.Path)));
        Assert.Equal(["/a"], _table.Paths);
    }

    [Fact]
    public void A_change_of_children_alone_is_no_change_of_the_node()
    {
        Put("/a", czxid: 1, mzxid: 1, data: "x", pzxid: 1);
        Assert.Empty(Put("/a", czxid: 1, mzxid: 1, data: "x", pzxid: 7));
        Assert.Equal(7, _table.Get("/a")!.Stat.Pzxid);
        Assert.Equal(7, _table.Zxid);
    }

    [Fact]
    public void A_removal_takes_what_is_below_and_nothing_beside()
    {
        foreach (var path in new[] { "/", "/a", "/a/b", "/a/b/c", "/a-b", "/a0", "/ab" })
        {
            Put(path, czxid: 1, mzxid: 1, data: "");
        }

        Assert.Equal(["/a/b/c", "/a/b", "/a"], _table.Remove("/a").Select(c => c.Path));
        Assert.Equal(["/", "/a-b", "/a0", "/ab"], _table.Paths);
        Assert.Empty(_table.Remove("/a"));
        Assert.Equal(4, _table.Remove("/").Count());
        Assert.Empty(_table.Paths);
    }

    [Fact]
    public void Data_are_held_for_the_zxids_they_were_read_at_alone()
    {
        Put("/a", czxid: 1, mzxid: 5, data: "x");
        Assert.True(_table.Holds("/a", StatOf(1, 5, 9)));
        Assert.False(_table.Holds("/a", StatOf(1, 6, 9)));
        Assert.False(_table.Holds("/a", StatOf(2, 5, 9)));
        Assert.False(_table.Holds("/b", StatOf(1, 5, 9)));
    }

    [Fact]
    public async Task A_full_feed_tells_one_gap_and_goes_on()
    {
        var feed = new CacheFeed("/", capacity: 2);
        for (var i = 0; i < 5; i++)
        {
            feed.Add(new CacheChange(CacheChangeType.Added, $"/{i}", null, null));
        }

        await using var changes = feed.ReadAllAsync(CancellationToken.None).GetAsyncEnumerator();
        var read = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            await changes.MoveNextAsync();
            read.Add($"{changes.Current.Type} {changes.Current.Path}");
        }

        feed.Add(new CacheChange(CacheChangeType.Added, "/5", null, null));
        feed.End();
        await changes.MoveNextAsync();
        Assert.Equal(["Added /0", "Added /1", "Gap /", "Added /5"], [.. read, $"{changes.Current.Type} {changes.Current.Path}"]);
        Assert.False(await changes.MoveNextAsync());
    }

    [Theory]
    [InlineData(1, 3, "mine", WriteVerdict.NotApplied)]
    [InlineData(1, 4, "mine", WriteVerdict.Applied)]
    [InlineData(1, 4, "other", WriteVerdict.NotApplied)]
    [InlineData(1, 5, "mine", WriteVerdict.Overtaken)]
    [InlineData(2, 4, "mine", WriteVerdict.Overtaken)]
    public void A_lost_answer_is_judged_by_the_znode(int czxid, int version, string data, WriteVerdict verdict)
    {
        var read = StatOf(1, 1, 1) with { Version = 3 };
        Assert.Equal(verdict, WriteRules.Judge(read, new NodeData(System.Text.Encoding.UTF8.GetBytes(data), StatOf(czxid, 9, 9) with { Version = version }), "mine"u8));
        Assert.Equal(WriteVerdict.Overtaken, WriteRules.Judge(read, null, "mine"u8));
    }

    private static Stat StatOf(long czxid, long mzxid, long pzxid) => new(czxid, mzxid, 0, 0, 0, 0, 0, 0, 0, 0, pzxid);

    private List<CacheChange> Put(string path, long czxid, long mzxid, string data, long pzxid = 0) =>
        [.. _table.Put(path, System.Text.Encoding.UTF8.GetBytes(data), StatOf(czxid, mzxid, pzxid))];

    private string Text(string path) => System.Text.Encoding.UTF8.GetString(_table.Get(path)!.Data.Span);
}
