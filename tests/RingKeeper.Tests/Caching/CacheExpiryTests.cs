using Xunit;

namespace RingKeeper.Tests.Caching;

public sealed class CacheExpiryTests
{
    [Theory]
    [InlineData(1500.0, 1500)]
    [InlineData(1.0, 1)]
    [InlineData(1.0001, 2)]
    [InlineData(999.9, 1000)]
    [InlineData(90_000.0, 90_000)]
    public void A_life_keeps_its_milliseconds_and_fractions_are_rounded_up(double milliseconds, long expected) =>
        Assert.Equal(expected, CacheExpiry.After(TimeSpan.FromTicks((long)(milliseconds * TimeSpan.TicksPerMillisecond))).FirstMilliseconds);

    [Fact]
    public void No_limit_is_for_ever() => Assert.Null(default(CacheExpiry).FirstMilliseconds);

    [Fact]
    public void A_window_is_written_with_a_quarter_to_spare_and_the_whole_life_caps_it()
    {
        Assert.Equal(1250, CacheExpiry.SlidingBy(TimeSpan.FromSeconds(1)).FirstMilliseconds);
        Assert.Equal(4 + 1, CacheExpiry.SlidingBy(TimeSpan.FromMilliseconds(4)).FirstMilliseconds);
        Assert.Equal(1100, new CacheExpiry { Absolute = TimeSpan.FromMilliseconds(1100), Sliding = TimeSpan.FromSeconds(1) }.FirstMilliseconds);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    [InlineData(9_999L)]
    [InlineData(long.MinValue)]
    public void What_is_shorter_than_a_millisecond_is_refused_by_name(long ticks)
    {
        Assert.Contains("Absolute", Assert.Throws<RingKeeperException>(() => CacheExpiry.After(new TimeSpan(ticks)).Validate()).Message, StringComparison.Ordinal);
        Assert.Contains("Sliding", Assert.Throws<RingKeeperException>(() => CacheExpiry.SlidingBy(new TimeSpan(ticks)).Validate()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_beyond_what_a_copy_can_tell_is_refused()
    {
        Assert.Throws<RingKeeperException>(() => CacheExpiry.SlidingBy(TimeSpan.FromDays(50)).Validate());
        CacheExpiry.SlidingBy(TimeSpan.FromDays(49)).Validate();
        CacheExpiry.After(TimeSpan.MaxValue).Validate();
        Assert.Equal((uint)TimeSpan.FromDays(49).TotalMilliseconds, CacheExpiry.SlidingBy(TimeSpan.FromDays(49)).SlidingMilliseconds);
    }
}
