using System.Collections.Immutable;
using Xunit;

namespace RingKeeper.IntegrationTests.Decisions;

public sealed class StatusChangeTests
{
    private static readonly StatusChange Before = At(1, ("a", true, 10), ("b", true, 20));

    [Fact]
    public void A_flip_is_told_and_what_did_not_change_is_not() =>
        Assert.Equal([new StatusEvent("a", Alive: false, IsFlip: true)], At(2, ("a", false, 30), ("b", true, 20)).Since(Before));

    [Fact]
    public void A_flip_back_that_nobody_saw_shows_by_its_stamp() =>
        Assert.Equal([new StatusEvent("a", Alive: true, IsFlip: false)], At(3, ("a", true, 40), ("b", true, 20)).Since(Before));

    [Fact]
    public void A_stamp_that_is_not_above_all_before_is_refused()
    {
        Assert.Throws<InvalidOperationException>(() => At(2, ("a", false, 20), ("b", true, 20)).Since(Before));
        Assert.Throws<InvalidOperationException>(() => At(2, ("a", true, 9), ("b", true, 20)).Since(Before));
    }

    [Fact]
    public void A_state_that_is_not_later_or_lacks_a_shard_is_refused()
    {
        Assert.Throws<InvalidOperationException>(() => At(1, ("a", true, 10), ("b", true, 20)).Since(Before));
        Assert.Throws<InvalidOperationException>(() => At(2, ("b", true, 20)).Since(Before));
    }

    private static StatusChange At(long mzxid, params (string Addr, bool Alive, long Since)[] shards) =>
        new(TimeSpan.Zero, mzxid, shards.ToImmutableSortedDictionary(s => s.Addr, s => new ShardStatus(s.Addr, s.Alive, s.Since), StringComparer.Ordinal));
}
