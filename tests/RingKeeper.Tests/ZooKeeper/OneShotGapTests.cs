using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Session;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

public sealed class OneShotGapTests
{
    private static readonly Stat s_before = new() { Czxid = 5, Version = 3, Cversion = 7 };

    [Fact]
    public void One_change_behind_one_event_is_all_there_was()
    {
        Assert.True(IsExplained(s_before with { Version = 4 }, WatchedEventType.NodeDataChanged));
        Assert.True(IsExplained(s_before with { Cversion = 8 }, WatchedEventType.NodeChildrenChanged));
        Assert.True(IsExplained(s_before with { Version = 4, Cversion = 8 }, WatchedEventType.NodeDataChanged, WatchedEventType.NodeChildrenChanged));
    }

    [Fact]
    public void A_change_beyond_the_event_is_a_gap()
    {
        Assert.False(IsExplained(s_before with { Version = 5 }, WatchedEventType.NodeDataChanged));
        Assert.False(IsExplained(s_before with { Cversion = 9 }, WatchedEventType.NodeChildrenChanged));
        Assert.False(IsExplained(s_before with { Czxid = 6, Version = 4 }, WatchedEventType.NodeDataChanged));
    }

    [Fact]
    public void What_another_watch_will_tell_is_none()
    {
        // The watch of the children is still set.
        Assert.True(IsExplained(s_before with { Version = 4, Cversion = 9 }, WatchedEventType.NodeDataChanged));
    }

    [Theory]
    [InlineData(WatchedEventType.NodeCreated)]
    [InlineData(WatchedEventType.NodeDeleted)]
    [InlineData(WatchedEventType.SessionExpired)]
    [InlineData(WatchedEventType.Gap)]
    public void A_coming_or_going_is_never_proved_to_be_all(WatchedEventType type)
    {
        Assert.False(IsExplained(s_before, type));
        Assert.False(OneShotGap.IsExplained(s_before, [new(type, "/a")], null));
        Assert.False(OneShotGap.IsExplained(null, [new(type, "/a")], s_before));
        Assert.False(OneShotGap.IsExplained(null, [new(type, "/a")], null));
    }

    [Fact]
    public void Pauses_between_questions_for_a_better_server_grow_from_100_ms_to_a_minute()
    {
        Assert.Equal(TimeSpan.FromMilliseconds(50), ReconnectPolicy.PauseBeforeProbe(0, 0));
        Assert.Equal(TimeSpan.FromMilliseconds(300), ReconnectPolicy.PauseBeforeProbe(2, 0.5));
        Assert.Equal(TimeSpan.FromSeconds(45), ReconnectPolicy.PauseBeforeProbe(1_000_000, 0.5));
        Assert.InRange(ReconnectPolicy.PauseBeforeProbe(10, 0.999), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));
    }

    private static bool IsExplained(Stat now, params WatchedEventType[] events) =>
        OneShotGap.IsExplained(s_before, [.. events.Select(type => new WatchedEvent(type, "/a"))], now);
}
