using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace RingKeeper.Tests.Coordination;

public sealed class RejoinPauseTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void It_lasts_one_to_five_seconds_and_not_always_the_same()
    {
        var pause = new RejoinPause("x", _time, new Random(1), NullLogger.Instance);
        var lengths = new List<double>();
        for (var i = 0; i < 200; i++)
        {
            pause.Begin();
            Assert.True(pause.IsUnderWay());
            lengths.Add(pause.Left.TotalSeconds);
            _time.Advance(pause.Left);
            Assert.False(pause.IsUnderWay());
        }

        Assert.InRange(lengths.Min(), 1, 1.2);
        Assert.InRange(lengths.Max(), 4.8, 5);
    }

    [Fact]
    public void It_is_neither_begun_anew_while_it_lasts_nor_kept_for_another_session_or_cluster()
    {
        var pause = new RejoinPause("x", _time, new Random(1), NullLogger.Instance);
        Assert.False(pause.IsUnderWay());
        pause.Begin();
        _time.Advance(TimeSpan.FromMilliseconds(900));
        var left = pause.Left;
        pause.Begin();
        Assert.Equal(left, pause.Left);

        pause.End();
        Assert.False(pause.IsUnderWay());
    }
}
