using Xunit;

namespace RingKeeper.Tests.Diagnostics;

/// <summary>When two clocks that are compared are an alarm.</summary>
public sealed class ClockPolicyTests
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(250);
    private readonly ClockPolicy _policy = new();

    [Fact]
    public void A_reading_takes_the_midpoint_of_the_round_trip()
    {
        var sent = new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

        var reading = ClockReading.OfRoundTrip(sent, TimeSpan.FromMilliseconds(40), sent + TimeSpan.FromMilliseconds(120), TimeSpan.Zero);
        Assert.Equal((TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(20)), (reading.Difference, reading.Uncertainty));

        // What was cut down to whole milliseconds was on average half of one later.
        reading = ClockReading.OfRoundTrip(sent, TimeSpan.FromMilliseconds(40), sent + TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(1));
        Assert.Equal((TimeSpan.FromMilliseconds(0.5), TimeSpan.FromMilliseconds(20.5)), (reading.Difference, reading.Uncertainty));
    }

    [Theory]
    [InlineData(125, 0, false)]
    [InlineData(126, 0, true)]
    [InlineData(-126, 0, true)]
    [InlineData(-125, 0, false)]
    [InlineData(200, 75, false)]
    [InlineData(200, 74, true)]
    [InlineData(-1_000, 1_000, false)]
    public void Only_what_is_above_half_of_the_tolerance_for_certain_is_an_alarm(double difference, double uncertainty, bool isAlarm)
    {
        Assert.Equal(isAlarm ? ClockChange.Begins : ClockChange.None, Hear(difference, uncertainty));
        Assert.Equal(isAlarm, _policy.IsAlarm);
    }

    [Fact]
    public void An_alarm_is_told_once_and_ends_only_by_a_reading_that_is_sure()
    {
        Assert.Equal(ClockChange.Begins, Hear(500, 1));
        Assert.Equal(ClockChange.None, Hear(-500, 1));
        Assert.Equal(ClockChange.None, Hear(0, 126));
        Assert.Equal(ClockChange.None, Hear(125, 1));
        Assert.Equal(ClockChange.Ends, Hear(124, 1));
        Assert.Equal(ClockChange.None, Hear(0, 0));
        Assert.Equal(ClockChange.Begins, Hear(-500, 1));
    }

    private ClockChange Hear(double difference, double uncertainty) =>
        _policy.Hear(new ClockReading(TimeSpan.FromMilliseconds(difference), TimeSpan.FromMilliseconds(uncertainty)), Tolerance);
}
