using System.Collections.Immutable;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.Coordination;

public class DrainRulesTests
{
    private static readonly Shard A = new("a", ":1");
    private static readonly Shard B = new("b", ":2");
    private static readonly Shard C = new("c", ":3");

    [Fact]
    public void A_shard_is_newly_drained_unless_it_was_drained_under_its_name()
    {
        Shard[] before = [A, B with { Drained = true }, C with { Drained = true }];

        var newly = DrainRules.NewlyDrained(before, [A with { Drained = true }, new Shard("b", ":9") { Drained = true }, C, new Shard("d", ":4") { Drained = true }]);

        Assert.Equal(["a", "d"], newly.Select(shard => shard.Name));
    }

    [Fact]
    public void Only_a_vote_that_is_a_Go_checkers_hinders()
    {
        var go = new VoteEntry(new ShardStatus(":1", true, 5));
        var ours = go with { Seen = 7 };

        DrainRules.RefuseGoVoters("x", [A], [VoteOf("n_0000000000", ours), VoteOf("n_0000000001"), VoteOf("n_0000000002") with { Entries = null }]);
        var refusal = Assert.Throws<RingKeeperException>(() => DrainRules.RefuseGoVoters("x", [A], [VoteOf("n_0000000000", ours), VoteOf("n_0000000003", go)]));

        Assert.Contains("'a'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("n_0000000003", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("n_0000000000", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_drain_is_written_only_while_every_vote_it_was_checked_against_stands_and_nobody_else_has_voted() =>
        Assert.Equal(
            [ZooKeeperOp.Check("/goreclusters/x/localstatus", 7), ZooKeeperOp.Check("/goreclusters/x/localstatus/n_0000000000", 0), ZooKeeperOp.Check("/goreclusters/x/localstatus/n_0000000004", 3)],
            DrainRules.Fence("x", 7, [VoteOf("n_0000000000"), VoteOf("n_0000000004") with { Version = 3 }]));

    [Theory]
    [InlineData("alive", "alive", "", true)]
    [InlineData("alive", "dead", "", false)]
    [InlineData("alive", "undecided", "", false)]
    [InlineData("alive", "alive", "drained", false)]
    [InlineData("dead", "dead", "", true)]
    [InlineData("dead", "alive", "drained", false)]
    [InlineData("undecided", "undecided", "", true)]
    [InlineData("undecided", "alive", "drained", false)]
    public void The_last_shard_that_could_serve_is_kept(string state, string stateOfOther, string other, bool allowed)
    {
        var status = new[] { (A, state), (B, stateOfOther) }.Where(s => s.Item2 != "undecided").ToImmutableDictionary(s => s.Item1.Addr, s => new ShardStatus(s.Item1.Addr, s.Item2 == "alive", 5));
        void Refuse() => DrainRules.RefuseLast("x", A, [A, B with { Drained = other == "drained" }], status);

        if (allowed)
        {
            Refuse();
        }
        else
        {
            Assert.Contains("'a'", Assert.Throws<RingKeeperException>(Refuse).Message, StringComparison.Ordinal);
        }
    }

    private static Vote VoteOf(string node, params VoteEntry[] entries) =>
        new(node, 0, 1, 2, entries.ToImmutableDictionary(entry => entry.Status.Addr));
}
