using System.Collections.Immutable;
using System.Text;
using Xunit;

namespace RingKeeper.Tests.Coordination;

public class DecisionsNodeTests
{
    [Fact]
    public void Decisions_are_read_back_as_they_were_written_newest_first()
    {
        var older = Decided(1, changes: 1);
        var newer = Decided(2, changes: 2) with { Unseated = ["n_0000000000"] };

        var read = DecisionsNode.Decode("/p", DecisionsNode.Encode(newer, [older]), writtenAt: 2);

        Assert.Equal([2L, 1L], read.Select(d => d.At));
        Assert.Equal(["n_0000000000"], read[0].Unseated);
        Assert.Equal(newer.Changes[1].Count.Votes[0], read[0].Changes[1].Count.Votes[0]);
        Assert.Equal(newer.Changes[1].ToString(), read[0].Changes[1].ToString());
    }

    [Fact]
    public void Sixty_four_are_kept()
    {
        ImmutableArray<Decision> kept = [];
        for (var i = 1; i <= 100; i++)
        {
            kept = DecisionsNode.Decode("/p", DecisionsNode.Encode(Decided(i, changes: 1) with { Changes = [] }, kept), writtenAt: i);
        }

        Assert.Equal(64, kept.Length);
        Assert.Equal([100L, 37L], [kept[0].At, kept[^1].At]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(150)]
    [InlineData(2000)]
    [InlineData(30_000)]
    public void They_never_take_more_than_64_KiB_and_the_newest_is_always_there(int changes)
    {
        var before = Enumerable.Range(0, 63).Select(i => Decided(i, changes: 20)).ToList();

        var data = DecisionsNode.Encode(Decided(99, changes), before);

        Assert.True(data.Length <= 64 * 1024);
        var newest = DecisionsNode.Decode("/p", data, writtenAt: 99)[0];
        Assert.Equal((99L, changes), (newest.At, newest.Changes.Length + newest.Omitted));
        Assert.NotEmpty(newest.Changes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    [InlineData("""[{"At":1,"Stamp":2,"Node":"n","Changes":[{"Addr":"a"}]}]""")]
    [InlineData("""[{"At":1,"Stamp":2,"Node":"n","Changes":[null]}]""")]
    [InlineData("""[{"At":1,"Stamp":2,"Node":"n","Changes":[{"Addr":"a","Count":{"Addr":"a","Votes":[null]}}]}]""")]
    public void What_cannot_be_read_is_named(string data)
    {
        var e = Assert.Throws<RingKeeperException>(() => DecisionsNode.Decode("/goreclusters/x/decisions", Encoding.UTF8.GetBytes(data), writtenAt: 1));

        Assert.Contains("/goreclusters/x/decisions", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_newest_was_made_when_it_was_written_however_long_before_it_was_counted()
    {
        var first = DecisionsNode.Decode("/p", DecisionsNode.Encode(Decided(1000, changes: 1), []), writtenAt: 3500);
        var second = DecisionsNode.Decode("/p", DecisionsNode.Encode(Decided(9000, changes: 1), first), writtenAt: 9010);

        Assert.Equal([9010L, 3500L], second.Select(d => d.At));
    }

    [Fact]
    public void What_lacks_its_lists_is_read_and_can_be_written_again()
    {
        var read = DecisionsNode.Decode("/p", """[{"At":1,"Stamp":2,"Node":"n","Changes":[{"Addr":"a","Kind":"Death","Alive":false,"Count":{"Addr":"a","Why":"w"}}]}]"""u8, writtenAt: 1);

        var again = DecisionsNode.Decode("/p", DecisionsNode.Encode(Decided(2, changes: 1), read), writtenAt: 2);

        Assert.Equal("a w", again[1].Changes[0].ToString());
        Assert.Empty(again[1].Unseated);
    }

    private static Decision Decided(long at, int changes) => new(
        at,
        at * 10,
        "n_0000000001",
        "checker-1",
        [.. Enumerable.Range(0, changes).Select(i => new Flip($"10.0.0.{i}:6379", DecisionKind.Death, true, false, new ShardCount($"10.0.0.{i}:6379", 1, 2, 0, 0, 3, "is dead: 2 of 3 checkers say so, 1 say alive")
        {
            Votes = [new CountedVote("n_0000000001", "checker-1", false, false, 1200, "Refused", 140, null)],
        }))]);
}
