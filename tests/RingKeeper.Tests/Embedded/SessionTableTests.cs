using Microsoft.Extensions.Time.Testing;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.Tests.Embedded;

public sealed class SessionTableTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SessionTable _sessions;

    public SessionTableTests() =>
        _sessions = new SessionTable(new ServerClock(_time), TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(40));

    [Theory]
    [InlineData(int.MinValue, 400)]
    [InlineData(0, 400)]
    [InlineData(4_321, 4_321)]
    [InlineData(int.MaxValue, 40_000)]
    public void The_timeout_is_clamped(int requested, int granted) => Assert.Equal(granted, _sessions.Create(requested).TimeoutMs);

    [Fact]
    public void A_session_ends_at_the_first_tick_after_its_timeout()
    {
        var session = _sessions.Create(1_000);
        _time.Advance(TimeSpan.FromMilliseconds(1_199));
        Assert.Empty(_sessions.FindExpired());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([session], _sessions.FindExpired());
    }

    [Fact]
    public void Every_touch_arms_the_deadline_again()
    {
        var session = _sessions.Create(1_000);
        _time.Advance(TimeSpan.FromMilliseconds(950));
        _sessions.Touch(session);
        _time.Advance(TimeSpan.FromMilliseconds(1_049));
        Assert.Empty(_sessions.FindExpired());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Single(_sessions.FindExpired());
    }

    [Fact]
    public void Resuming_needs_the_password_and_negotiates_again()
    {
        var session = _sessions.Create(4_000);
        Assert.False(_sessions.TryResume(session.Id, new byte[16], 2_000, out _));
        Assert.False(_sessions.TryResume(session.Id, null, 2_000, out _));
        Assert.Equal(4_000, session.TimeoutMs);
        Assert.True(_sessions.TryResume(session.Id, [.. session.Password], 2_000, out var resumed));
        Assert.Same(session, resumed);
        Assert.Equal(2_000, session.TimeoutMs);
        Assert.True(_sessions.Remove(session));
        Assert.False(_sessions.TryResume(session.Id, session.Password, 2_000, out _));
    }

    [Fact]
    public void Ids_carry_server_time_and_counter_and_passwords_differ()
    {
        var (first, second) = (_sessions.Create(1_000), _sessions.Create(1_000));
        Assert.Equal(first.Id + 1, second.Id);
        Assert.Equal((1L, 0L), (first.Id >> 56, first.Id & 0xFFFF));
        Assert.Equal(_time.GetUtcNow().ToUnixTimeMilliseconds() & 0xFF_FFFF_FFFF, (first.Id >> 16) & 0xFF_FFFF_FFFF);
        Assert.Equal(16, first.Password.Length);
        Assert.NotEqual(first.Password, second.Password);
    }
}
