using RingKeeper.Cli;
using Xunit;

namespace RingKeeper.Tests.Cli;

public sealed class DurationTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("1s", 1_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("0.5ms", 0.5)]
    public void A_number_with_a_unit_is_a_duration(string text, double milliseconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("1ms")]
    [InlineData("250ms")]
    [InlineData("1s")]
    [InlineData("90s")]
    [InlineData("1m")]
    [InlineData("1h")]
    public void It_is_written_in_the_largest_unit_that_fits(string text)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(text, Duration.Format(duration));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("s")]
    [InlineData("0s")]
    [InlineData("-1s")]
    [InlineData("1 s")]
    [InlineData("1,5s")]
    [InlineData("1d")]
    [InlineData("1S")]
    [InlineData("1e3s")]
    [InlineData("NaNs")]
    [InlineData("0.00000001ms")]
    [InlineData("1200h")]
    [InlineData("00:00:01")]
    public void Anything_else_is_not(string text) => Assert.False(Duration.TryParse(text, out _));
}
