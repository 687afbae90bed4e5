using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RingKeeper.Dashboard;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.Dashboard;

/// <summary>A feed in virtual time, told news by the test.</summary>
public sealed class DashboardFeedTests : IAsyncDisposable
{
    private readonly PausingTime _time = new();
    private Task<TimeSpan>? _pause;
    private readonly Channel<FleetNews> _news = Channel.CreateUnbounded<FleetNews>();
    private readonly DashboardFeed _feed;
    private readonly TaskCompletionSource _asked = new();
    private ClusterReading _reading = FeedFleets.Reading();
    private Func<CancellationToken, IAsyncEnumerable<FleetNews>?> _follow;
    private int _faults;

    public DashboardFeedTests()
    {
        _follow = _news.Reader.ReadAllAsync;
        _feed = new DashboardFeed(
            new FeedSource("orders", "orders")
            {
                Read = () => Interlocked.Decrement(ref _faults) == 0 ? throw new InvalidOperationException("It cannot be read.") : (_reading, FeedFleets.Session(_reading.Session)),
                Views = static ct => Channel.CreateUnbounded<ClusterView>().Reader.ReadAllAsync(ct),
                News = ct => _follow(ct),
                Ask = (addr, _) =>
                {
                    _asked.TrySetResult();
                    return Task.FromResult(FeedFleets.Facts(addr));
                },
            },
            _time,
            NullLogger.Instance);
    }

    public ValueTask DisposeAsync() => _feed.DisposeAsync();

    [Fact]
    public void Before_anything_is_known_the_state_says_so()
    {
        _reading = new ClusterReading("orders", null, TimeSpan.Zero, SessionState.Connecting);

        var state = _feed.Read();

        Assert.Null(state.Picture);
        Assert.Equal(["not-connected"], state.Alarms.Select(static alarm => alarm.Code));
    }

    [Fact]
    public async Task News_become_a_state_with_ring_shards_and_events()
    {
        await using var states = Follow();
        await HearAsync(states, FeedFleets.Fleet(10));
        var state = await HearAsync(states, FeedFleets.Fleet(20, aIsAlive: false));

        Assert.NotNull(state.Picture);
        Assert.Equal(["a", "b"], state.Shards.Select(static panel => panel.Shard.Name));
        Assert.Equal(1, state.Shards.Sum(static panel => panel.Owned), 9);
        Assert.Equal((0, 1), (state.Shards[0].Served, Math.Round(state.Shards[1].Served, 9)));
        Assert.Contains("dead", state.Alarms.Select(static alarm => alarm.Code));
        Assert.Contains(state.Events, static told => told is { Kind: FleetEventKind.Unrecorded, Shard: "a" });
    }

    [Fact]
    public async Task Many_news_at_once_make_few_states_and_the_last_one_is_among_them()
    {
        await using var states = Follow();
        await HearAsync(states, FeedFleets.Fleet(10));
        for (var i = 2; i <= 200; i++)
        {
            await _news.Writer.WriteAsync(new FleetNews(FeedFleets.Fleet(i * 10, trips: [i * 1000]), [], null), TestContext.Current.CancellationToken);
        }

        while (_feed.Read().Shards[0].RoundTrips is not [.., 200.0])
        {
            await Task.Yield();
        }

        var seen = 0;
        while (states.Current.Shards[0].RoundTrips is not [.., 200.0])
        {
            await NextAsync(states);
            seen++;
        }

        Assert.InRange(seen, 1, 4);
    }

    [Fact]
    public async Task What_cannot_be_read_is_told_over_the_last_state_and_ends()
    {
        await using var states = Follow();
        var fleet = FeedFleets.Fleet(10);
        await HearAsync(states, fleet);
        await _news.Writer.WriteAsync(new FleetNews(fleet, [], "znode /goreclusters/orders/shards cannot be read."), TestContext.Current.CancellationToken);
        var state = await UntilAsync(states, static state => state.News.Trouble is not null);
        Assert.Equal(2, state.Shards.Length);
        Assert.Contains(state.Alarms, static alarm => alarm.Code == "unreadable" && alarm.Text.Contains("shards cannot be read", StringComparison.Ordinal));

        await HearAsync(states, FeedFleets.Fleet(20));
        Assert.DoesNotContain("unreadable", states.Current.Alarms.Select(static alarm => alarm.Code));
    }

    [Fact]
    public async Task A_stream_of_news_that_fails_or_ends_is_told_and_begun_anew()
    {
        var tries = 0;
        _follow = ct => tries++ == 0 ? throw new ZooKeeperException(ZooKeeperErrorCode.ConnectionLoss, "/x", OperationOutcome.Unknown, "the connection is lost") : _news.Reader.ReadAllAsync(ct);
        await using var states = Follow();
        await UntilAsync(states, static state => state.News.Trouble == "the connection is lost");

        await HearAsync(states, FeedFleets.Fleet(10));

        Assert.Null(states.Current.News.Trouble);
        Assert.Equal(2, tries);
    }

    [Fact]
    public async Task Nobody_votes_any_more_is_an_alarm_after_thirty_seconds_and_ends_with_the_next_vote()
    {
        await using var states = Follow();
        await HearAsync(states, FeedFleets.Fleet(10));
        _time.Advance(ProcessAlarms.NoVotes + TimeSpan.FromSeconds(1));
        Assert.Contains("no-votes", _feed.Read().Alarms.Select(static alarm => alarm.Code));

        await HearAsync(states, FeedFleets.Fleet(20));
        Assert.DoesNotContain("no-votes", states.Current.Alarms.Select(static alarm => alarm.Code));
    }

    [Fact]
    public async Task A_vote_from_the_future_tells_that_ZooKeepers_clock_is_ahead()
    {
        await using var states = Follow();
        await HearAsync(states, FeedFleets.Fleet(10));
        await HearAsync(states, FeedFleets.Fleet(20, mtime: _time.GetUtcNow().AddSeconds(30)));

        Assert.Contains(states.Current.Alarms, static alarm => alarm.Code == "clock" && alarm.Text.Contains("ZooKeeper", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_state_that_cannot_be_put_together_is_not_the_last()
    {
        await using var states = Follow();
        await HearAsync(states, FeedFleets.Fleet(10));
        Volatile.Write(ref _faults, 1);

        await HearAsync(states, FeedFleets.Fleet(20));

        Assert.True(Volatile.Read(ref _faults) < 0);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_holds_nothing_up()
    {
        await using var states = Follow();
        await HearAsync(states, FeedFleets.Fleet(10));
        var before = states.Current.At;
        _time.AdjustTime(FeedFleets.Now.AddHours(-1));

        await HearAsync(states, FeedFleets.Fleet(20));

        Assert.InRange(states.Current.At, FeedFleets.Now.AddHours(-1), before.AddMinutes(-30));
    }

    [Fact]
    public async Task Servers_are_asked_only_while_somebody_looks()
    {
        _feed.Start();
        await _news.Writer.WriteAsync(new FleetNews(FeedFleets.Fleet(10), [], null), TestContext.Current.CancellationToken);
        while (_feed.Read().News.Fleet is null)
        {
            await Task.Yield();
        }

        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.False(_asked.Task.IsCompleted);

        _feed.Look();
        await _asked.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_end_of_the_feed_ends_its_streams_and_a_reader_that_leaves_is_forgotten()
    {
        var first = Follow();
        await using var second = Follow();
        await NextAsync(second);
        Assert.Equal(2, _feed.Streams);
        await first.DisposeAsync();
        Assert.Equal(1, _feed.Streams);

        await _feed.DisposeAsync();
        while (await second.MoveNextAsync())
        {
            // What was published before the end.
        }

        Assert.Equal(0, _feed.Streams);
    }

    private IAsyncEnumerator<DashboardState> Follow()
    {
        _feed.Start();
        var states = _feed.WatchAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(states.MoveNextAsync().AsTask().IsCompletedSuccessfully);
        return states;
    }

    private async Task<DashboardState> HearAsync(IAsyncEnumerator<DashboardState> states, Fleet fleet)
    {
        await _news.Writer.WriteAsync(new FleetNews(fleet, [], null), TestContext.Current.CancellationToken);
        return await UntilAsync(states, state => ReferenceEquals(state.News.Fleet, fleet) && state.News.Trouble is null);
    }

    private async Task<DashboardState> UntilAsync(IAsyncEnumerator<DashboardState> states, Func<DashboardState, bool> isWanted)
    {
        while (!isWanted(states.Current))
        {
            await NextAsync(states);
        }

        return states.Current;
    }

    // Time passes until the next state, and only where the feed pauses: on a busy machine it would run away otherwise.
    private async Task NextAsync(IAsyncEnumerator<DashboardState> states)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var next = states.MoveNextAsync().AsTask();
        while (!next.IsCompleted)
        {
            _pause ??= _time.Pauses.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask();
            if (await Task.WhenAny(next, _pause).WaitAsync(limit.Token) == _pause)
            {
                _time.Advance(await _pause);
                _pause = null;
            }
        }

        Assert.True(await next);
    }

    /// <summary>Tells each pause that the feed makes.</summary>
    private sealed class PausingTime() : FakeTimeProvider(FeedFleets.Now)
    {
        public Channel<TimeSpan> Pauses { get; } = Channel.CreateUnbounded<TimeSpan>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (period == Timeout.InfiniteTimeSpan && dueTime > TimeSpan.Zero && dueTime <= TimeSpan.FromSeconds(1))
            {
                Pauses.Writer.TryWrite(dueTime);
            }

            return timer;
        }
    }
}
