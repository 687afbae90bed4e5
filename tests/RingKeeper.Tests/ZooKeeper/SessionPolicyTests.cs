using CsCheck;
using Microsoft.Extensions.Time.Testing;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Session;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

public sealed class SessionPolicyTests
{
    private static readonly ServerAddress[] s_servers = [new("a", 1), new("b", 1), new("c", 1)];

    [Fact]
    public void The_first_attempt_after_a_loss_is_free_and_the_others_pause_within_the_bound() =>
        Gen.Select(Gen.Int[1, 10_000], Gen.Int[0, 50], Gen.Double[0, 0.999]).Sample((max, attempt, draw) =>
        {
            var bound = TimeSpan.FromMilliseconds(Math.Max(5, max));
            var pause = new ReconnectPolicy(TimeSpan.FromMilliseconds(max)).PauseBefore(attempt, draw);
            Assert.True(attempt == 0 ? pause == TimeSpan.Zero : pause > TimeSpan.Zero && pause <= bound, $"{pause}");
        });

    [Fact]
    public void A_connection_that_broke_at_once_earns_no_free_attempt()
    {
        var policy = new ReconnectPolicy(TimeSpan.FromMilliseconds(500));

        Assert.Equal(1, policy.FirstAttemptAfter(TimeSpan.FromMilliseconds(500)));
        Assert.Equal(0, policy.FirstAttemptAfter(TimeSpan.FromMilliseconds(501)));
        Assert.Equal(1, new ReconnectPolicy(TimeSpan.Zero).FirstAttemptAfter(TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public void An_attempt_takes_its_share_of_the_time_left_but_never_too_little_to_succeed()
    {
        Assert.Equal(TimeSpan.FromSeconds(2), ReconnectPolicy.ShareOf(TimeSpan.FromSeconds(6), 3));
        Assert.Equal(TimeSpan.FromSeconds(6), ReconnectPolicy.ShareOf(TimeSpan.FromSeconds(6), 1));
        Assert.Equal(TimeSpan.FromMilliseconds(50), ReconnectPolicy.ShareOf(TimeSpan.FromMilliseconds(60), 3));
        Assert.Equal(TimeSpan.FromMilliseconds(50), ReconnectPolicy.ShareOf(TimeSpan.FromSeconds(-1), 3));
    }

    [Fact]
    public void The_time_to_reconnect_runs_to_the_timeout_and_then_to_the_giving_up()
    {
        var time = new FakeTimeProvider();
        var identity = new SessionIdentity(TimeSpan.FromSeconds(6), allowReadOnly: false, time);
        Assert.Null(identity.TimeToReconnect);
        identity.Adopt(new ConnectResponse(0, 6000, 7, new byte[16], ReadOnly: false), time.GetTimestamp());

        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(TimeSpan.FromSeconds(2), identity.TimeToReconnect);
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.FromSeconds(1), identity.TimeToReconnect);
    }

    [Fact]
    public void Limits_that_could_not_work_are_refused_by_name()
    {
        var options = new ZooKeeperClientOptions { ConnectString = "a:1" };
        OptionsRules.Check(options);

        var frame = Assert.Throws<ArgumentException>(() => OptionsRules.Check(options with { MaxFrameLength = int.MaxValue }));
        var pending = Assert.Throws<ArgumentException>(() => OptionsRules.Check(options with { MaxPendingRequests = 0 }));

        Assert.Contains("MaxFrameLength", frame.Message, StringComparison.Ordinal);
        Assert.Contains("MaxPendingRequests", pending.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deadlines_follow_from_the_session_timeout()
    {
        var timing = new SessionTiming(TimeSpan.FromSeconds(6));

        Assert.Equal(TimeSpan.FromSeconds(2), timing.PingInterval);
        Assert.Equal(TimeSpan.FromSeconds(4), timing.ReadTimeout);
        Assert.Equal(TimeSpan.FromSeconds(8), timing.GiveUp);
        Assert.Equal(TimeSpan.FromSeconds(1), timing.CloseWait);
        Assert.Equal(TimeSpan.FromSeconds(0.5), new SessionTiming(TimeSpan.FromSeconds(1.5)).CloseWait);
    }

    [Fact]
    public void A_full_cycle_of_silent_closes_is_reported_once_and_three_convince()
    {
        var detector = new SilentCloseDetector(serverCount: 3);

        Assert.Equal([false, false, true], s_servers.Select(detector.NoteSilentClose));
        Assert.Equal([false, false, false], s_servers.Select(detector.NoteSilentClose));
        Assert.False(detector.IsConvinced);
        Assert.Equal([false, false, false], s_servers.Select(detector.NoteSilentClose));
        Assert.True(detector.IsConvinced);

        detector.NoteAnswer();
        Assert.False(detector.IsConvinced);
        Assert.Equal([false, false, true], s_servers.Select(detector.NoteSilentClose));
    }

    [Fact]
    public void One_silent_server_among_others_that_refuse_is_not_suspicious()
    {
        var detector = new SilentCloseDetector(serverCount: 3);

        for (var cycle = 0; cycle < 10; cycle++)
        {
            Assert.False(detector.NoteSilentClose(s_servers[0]));
            detector.BeginCount();
            detector.BeginCount();
        }

        Assert.False(detector.IsConvinced);
    }

    [Fact]
    public void A_server_that_closes_again_and_again_counts_once_in_a_cycle()
    {
        var detector = new SilentCloseDetector(serverCount: 2);

        Assert.All(Enumerable.Range(0, 10), _ => Assert.False(detector.NoteSilentClose(s_servers[0])));
        Assert.True(detector.NoteSilentClose(s_servers[1]));
        Assert.False(detector.IsConvinced);
    }

    [Fact]
    public void What_came_before_the_session_was_given_up_does_not_count()
    {
        var detector = new SilentCloseDetector(serverCount: 1);
        for (var cycle = 0; cycle < 2; cycle++)
        {
            detector.NoteSilentClose(s_servers[0]);
        }

        detector.BeginCount();
        detector.NoteSilentClose(s_servers[0]);

        Assert.False(detector.IsConvinced);
    }
}
