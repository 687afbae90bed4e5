using Xunit;

namespace RingKeeper.IntegrationTests.Proof;

/// <summary>The judge of holders itself: what it must let pass, and what it must not.</summary>
public sealed class HolderJudgeTests
{
    [Fact]
    public void One_after_the_other_passes() => AssertJudged([new("a", 1, 0, 10), new("b", 2, 10, 20), new("a", 3, 25, 30)], [new(1, 100, 5, 6), new(1, 101, 7, 8), new(2, 102, 12, 13)]);

    [Fact]
    public void Two_at_once_do_not() => AssertJudged([new("a", 1, 0, 10), new("b", 2, 9, 20)], [], "Two holders at once");

    [Fact]
    public void Nor_one_that_holds_on_while_two_others_come_and_go() => AssertJudged([new("a", 1, 0, 100), new("b", 2, 9, 20), new("c", 3, 30, 40)], [], "Two holders at once", "Two holders at once");

    [Fact]
    public void A_token_that_does_not_rise_is_none() => AssertJudged([new("a", 2, 0, 10), new("b", 2, 10, 20), new("c", 1, 30, 40)], [], "did not rise", "did not rise");

    [Fact]
    public void A_write_of_an_older_token_after_one_of_a_newer_is_one_too_many() => AssertJudged([], [new(1, 100, 5, 6), new(2, 102, 12, 13), new(1, 103, 14, 15)], "A write of an older token");

    [Fact]
    public void A_write_of_unknown_outcome_is_not_held_against_it() => AssertJudged([], [new(2, 102, 12, 13), new(1, 0, 14, 15)]);

    private static void AssertJudged(Holding[] holdings, FencedWrite[] writes, params string[] expected)
    {
        var violations = HolderJudge.Judge(holdings, writes);
        Assert.True(violations.Count == expected.Length, string.Join(Environment.NewLine, violations));
        Assert.All(violations.Zip(expected), pair => Assert.Contains(pair.Second, pair.First, StringComparison.Ordinal));
    }
}
