using Microsoft.Extensions.Time.Testing;
using RingKeeper.ZooKeeper.Session;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

public sealed class TouchLogTests
{
    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(32);

    private readonly FakeTimeProvider _time = new();
    private readonly TouchLog _log;

    public TouchLogTests() => _log = new TouchLog(_time, SessionTimeout);

    [Fact]
    public void Nothing_is_known_before_the_first_touch()
    {
        Assert.Null(_log.Before(Seconds(5)));
        _log.Note(Seconds(6), Seconds(6));
        Assert.Null(_log.Before(Seconds(5)));
    }

    [Fact]
    public void The_last_touch_up_to_then_counts_and_no_later_one()
    {
        _log.Note(Seconds(10), Seconds(10));
        _log.Note(Seconds(20), Seconds(20));
        _log.Note(Seconds(30), Seconds(30));
        Assert.Equal(Seconds(20), _log.Before(Seconds(29)));
        Assert.Equal(Seconds(30), _log.Before(Seconds(30)));
    }

    [Fact]
    public void A_touch_whose_answer_was_not_there_by_then_does_not_count_however_early_it_was_sent()
    {
        _log.Note(Seconds(10), Seconds(11));
        _log.Note(Seconds(14), Seconds(24));
        Assert.Equal(Seconds(10), _log.Before(Seconds(22)));
        Assert.Equal(Seconds(14), _log.Before(Seconds(24)));
    }

    [Fact]
    public void A_busy_connection_whose_answers_take_a_third_of_the_timeout_still_knows_one()
    {
        for (var ms = 1; ms <= 100_000; ms++)
        {
            _log.Note(Ms(ms - 10_000), Ms(ms));
        }

        // A write that was sent a third of the timeout before the last answer, and a quarter before that.
        Assert.InRange(_log.Before(Ms(100_000 - 18_000))!.Value, Ms(100_000 - 29_001), Ms(100_000 - 28_000));
    }

    [Fact]
    public void The_handshake_counts_at_once()
    {
        _log.Note(Seconds(10), Seconds(10));
        _log.Open(Seconds(20));
        Assert.Equal(Seconds(20), _log.Before(Seconds(15)));
    }

    [Fact]
    public void A_busy_connection_knows_a_touch_of_a_quarter_timeout_ago_to_a_32nd()
    {
        for (var ms = 1; ms <= 100_000; ms++)
        {
            _log.Note(Ms(ms), Ms(ms));
        }

        Assert.InRange(_log.Before(Ms(100_000 - 8_000))!.Value, Ms(100_000 - 9_001), Ms(100_000 - 8_000));
    }

    private long Seconds(int seconds) => Ms(seconds * 1000);

    private long Ms(int ms) => ms * _time.TimestampFrequency / 1000;
}
