using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using RingKeeper.Dashboard;
using Xunit;

namespace RingKeeper.Tests.Dashboard;

/// <summary>What a feed remembers: events and round trips, both bounded.</summary>
public sealed class HistoryTests
{
    [Fact]
    public void The_timeline_keeps_the_newest_two_hundred_newest_first()
    {
        var (alive, dead) = (FeedFleets.Fleet(10), FeedFleets.Fleet(20, aIsAlive: false));
        var timeline = Timeline.Empty;
        for (var i = 1; i <= 90; i++)
        {
            timeline = timeline.Then(alive, dead, i * 1_000_000L).Then(dead, alive, (i * 1_000_000L) + 500_000);
        }

        Assert.Equal(Timeline.Capacity, timeline.Events.Length);
        Assert.Equal(timeline.Events.Select(static one => one.At).OrderDescending(), timeline.Events.Select(static one => one.At));
        Assert.Equal(90_500_000, timeline.Events[0].At);
    }

    [Fact]
    public void A_reading_that_says_the_same_adds_no_event()
    {
        var timeline = Timeline.Of(FeedFleets.Fleet(10));

        Assert.Same(timeline, timeline.Then(FeedFleets.Fleet(10), FeedFleets.Fleet(20), 5));
    }

    [Fact]
    public void Round_trips_are_the_median_of_the_checkers_that_tell_one()
    {
        var history = new RoundTripHistory(new FakeTimeProvider(FeedFleets.Now));

        history.Hear(FeedFleets.Fleet(10, trips: [900, 300, 500]));

        Assert.Equal([0.5], history.Of(FeedFleets.A.Addr));
        Assert.Equal([0.1], history.Of(FeedFleets.B.Addr));
        Assert.Equal([], history.Of("10.9.9.9:1"));
    }

    [Fact]
    public void Where_no_checker_tells_one_the_point_is_empty_and_of_two_it_is_their_middle()
    {
        var time = new FakeTimeProvider(FeedFleets.Now);
        var history = new RoundTripHistory(time);

        history.Hear(FeedFleets.Fleet(10, trips: [null, null, null]));
        time.Advance(TimeSpan.FromSeconds(1));
        history.Hear(FeedFleets.Fleet(20, trips: [null, 200, 600]));

        Assert.Equal([null, 0.4], history.Of(FeedFleets.A.Addr));
    }

    [Fact]
    public void A_second_has_one_point_its_last_and_a_vote_that_is_read_again_none()
    {
        var time = new FakeTimeProvider(FeedFleets.Now);
        var history = new RoundTripHistory(time);

        history.Hear(FeedFleets.Fleet(10, trips: [100]));
        time.Advance(TimeSpan.FromSeconds(0.9));
        history.Hear(FeedFleets.Fleet(20, trips: [200]));
        time.Advance(TimeSpan.FromSeconds(5));
        history.Hear(FeedFleets.Fleet(20, trips: [200]));

        Assert.Equal([0.2], history.Of(FeedFleets.A.Addr));
    }

    [Fact]
    public void Sixty_points_are_kept()
    {
        var time = new FakeTimeProvider(FeedFleets.Now);
        var history = new RoundTripHistory(time);
        for (var i = 1; i <= 70; i++)
        {
            history.Hear(FeedFleets.Fleet(i * 10, trips: [i * 1000]));
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(Enumerable.Range(11, 60).Select(static i => (double?)i), history.Of(FeedFleets.A.Addr));
    }
}
