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
        _log.Note(Seconds(6));
        Assert.Null(_log.Before(Seconds(5)));
    }

    [Fact]
    public void The_last_touch_up_to_then_counts_and_no_later_one()
    {
        _log.Note(Seconds(10));
        _log.Note(Seconds(20));
        _log.Note(Seconds(30));
        Assert.Equal(Seconds(20), _log.Before(Seconds(29)));
        Assert.Equal(Seconds(30), _log.Before(Seconds(30)));
    }

    [Fact]
    public void The_handshake_counts_at_once()
    {
        _log.Note(Seconds(10));
        _log.Open(Seconds(20));
        Assert.Equal(Seconds(20), _log.Before(Seconds(15)));
    }

    [Fact]
    public void A_busy_connection_knows_a_touch_of_a_quarter_timeout_ago_to_a_32nd()
    {
        for (var ms = 1; ms <= 100_000; ms++)
        {
            _log.Note(Ms(ms));
        }

        Assert.InRange(_log.Before(Ms(100_000 - 8_000))!.Value, Ms(100_000 - 9_001), Ms(100_000 - 8_000));
    }

    private long Seconds(int seconds) => Ms(seconds * 1000);

    private long Ms(int ms) => ms * _time.TimestampFrequency / 1000;
}
