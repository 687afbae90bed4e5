using Microsoft.Extensions.Caching.Distributed;
using Xunit;

namespace RingKeeper.Tests.Caching;

/// <summary>What the expirations of an entry come to.</summary>
public sealed class DistributedLifeTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void No_expiration_is_no_end() => Assert.Null(DistributedLife.Of(new(), Now).FirstMilliseconds);

    [Fact]
    public void A_relative_life_wins_over_a_point_in_time() =>
        Assert.Equal(5_000, DistributedLife.Of(new() { AbsoluteExpiration = Now.AddHours(1), AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(5) }, Now).FirstMilliseconds);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_point_in_time_that_is_not_to_come_is_refused(int ticks) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => DistributedLife.Of(new() { AbsoluteExpiration = Now.AddTicks(ticks) }, Now));

    [Theory]
    [InlineData(60, 10, 12_500)]
    [InlineData(10, 60, 10_000)]
    public void The_nearer_end_counts_and_a_window_with_the_quarter_in_which_reads_do_not_prolong_it(int life, int window, long expected) =>
        Assert.Equal(expected, DistributedLife.Of(new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(life), SlidingExpiration = TimeSpan.FromSeconds(window) }, Now).FirstMilliseconds);

    [Fact]
    public void Parts_of_a_millisecond_count_as_one() =>
        Assert.Equal(1, DistributedLife.Of(new() { AbsoluteExpiration = Now.AddTicks(1) }, Now).FirstMilliseconds);

    [Fact]
    public void What_no_server_can_count_is_cut_down()
    {
        Assert.Null(DistributedLife.Of(new() { AbsoluteExpirationRelativeToNow = TimeSpan.MaxValue }, Now).FirstMilliseconds);
        Assert.Null(DistributedLife.Of(new() { AbsoluteExpiration = DateTimeOffset.MaxValue }, Now).FirstMilliseconds);
        Assert.Equal(CacheExpiry.Prolonged(uint.MaxValue), DistributedLife.Of(new() { SlidingExpiration = TimeSpan.FromDays(365) }, Now).FirstMilliseconds);
    }
}
