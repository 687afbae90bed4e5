using System.Diagnostics.Metrics;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Commands;

/// <summary>Publish and subscribe that move with the ring, in virtual time.</summary>
public sealed class SubscriberTests
{
    private static readonly Shard A = RoutedFixture.A;
    private static readonly Shard B = RoutedFixture.B;
    private static readonly RedisChannel OfA = RedisChannel.Literal(RoutedFixture.KeyOf(A));
    private static readonly ShardStatus[] WithoutA = [new(":1", false, 2), new(":2", true, 1)];
    private static readonly ShardStatus[] Back = [new(":1", true, 3), new(":2", true, 1)];

    [Fact]
    public async Task A_channel_is_listened_to_on_its_shard_a_pattern_on_all_and_a_notification_where_its_key_is()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        var subscriber = ring.Subscriber;
        RedisChannel pattern = RedisChannel.Pattern("ne*"), key = RedisChannel.KeySpaceSingleKey(RoutedFixture.KeyOf(B), 0), deleted = RedisChannel.KeyEvent(KeyNotificationType.Del, 0), sharded = RedisChannel.Sharded(RoutedFixture.KeyOf(B));

        await subscriber.SubscribeAsync(OfA);
        foreach (var channel in new[] { pattern, key, deleted, sharded })
        {
            subscriber.Subscribe(channel);
        }

        Assert.Equal([true, true, false, true, false], new[] { OfA, pattern, key, deleted, sharded }.Select(ring.On(A).IsSubscribed));
        Assert.Equal([false, true, true, true, true], new[] { OfA, pattern, key, deleted, sharded }.Select(ring.On(B).IsSubscribed));
        Assert.NotNull(subscriber.SubscribedEndpoint(OfA));
        Assert.Null(subscriber.SubscribedEndpoint(RedisChannel.Literal("other")));
    }

    [Fact]
    public async Task While_a_channel_moves_both_shards_are_listened_to_and_copies_are_removed()
    {
        await using var ring = await RoutedFixture.StartAsync(true, WithoutA);
        var queue = await ring.Subscriber.SubscribeAsync(OfA);
        await ring.On(B).QueueAddedAsync();
        var confirmed = new TaskCompletionSource();
        ring.On(A).Confirm = () => confirmed.Task;

        await ring.SayAsync(Back);
        await ring.On(A).QueueAddedAsync();
        ring.On(B).Say(OfA, OfA, "1");
        Assert.Equal("1", (await ReadAsync(queue)).Message);
        confirmed.SetResult();
        await ring.Clock.WaitBegunAsync(ChannelMoves.Overlap);

        ring.On(A).Say(OfA, OfA, "1");
        ring.On(A).Say(OfA, OfA, "2");
        Assert.Equal("2", (await ReadAsync(queue)).Message);
        ring.On(B).Say(OfA, OfA, "2");
        ring.On(B).Say(OfA, OfA, "2");
        Assert.Equal("2", (await ReadAsync(queue)).Message);
        ring.Clock.Advance(ChannelMoves.Overlap);
        await ring.On(B).EndedAsync(OfA);
        ring.On(A).Say(OfA, OfA, "3");

        Assert.Equal("3", (await ReadAsync(queue)).Message);
        Assert.Equal((true, false), (ring.On(A).IsSubscribed(OfA), ring.On(B).IsSubscribed(OfA)));
    }

    [Fact]
    public async Task A_pattern_hears_a_message_once_though_it_is_published_on_two_shards_and_events_of_keys_from_both()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        RedisChannel pattern = RedisChannel.Pattern("*"), expired = RedisChannel.KeyEvent(KeyNotificationType.Expired, 0);
        var (queue, events) = (ring.Subscriber.Subscribe(pattern), ring.Subscriber.Subscribe(expired));

        foreach (var shard in new[] { A, B })
        {
            ring.On(shard).Say(pattern, OfA, "news");
            ring.On(shard).Say(pattern, OfA, shard.Name);
            ring.On(shard).Say(expired, expired, "key");
        }

        string[] heard = [(await ReadAsync(queue)).Message!, (await ReadAsync(queue)).Message!, (await ReadAsync(queue)).Message!];
        Assert.Equal(["a", "b", "news"], heard.Order());
        Assert.Equal("key", (await ReadAsync(events)).Message);
        Assert.Equal("key", (await ReadAsync(events)).Message);
    }

    [Fact]
    public async Task For_five_seconds_after_a_move_messages_go_to_the_old_shard_too_unless_it_is_dead()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        (ring.Redis(A).Hearers, ring.Redis(B).Hearers) = (2, 5);

        await ring.SayAsync(WithoutA);
        Assert.Equal(5, await ring.Subscriber.PublishAsync(OfA, "only on b"));
        ring.Clock.Advance(ChannelMoves.PublishWindow);
        await ring.SayAsync(Back);
        Assert.Equal(5, await ring.Database.PublishAsync(OfA, "both"));
        Assert.Equal(5, ring.Subscriber.Publish(OfA, "both"));
        ring.Clock.Advance(ChannelMoves.PublishWindow);
        Assert.Equal(2, await ring.Subscriber.PublishAsync(OfA, "only on a"));

        Assert.Equal(["both", "both", "only on a"], ring.Calls(A).Select(call => (string?)(RedisValue)call.Arguments[1]!));
        Assert.Equal(["only on b", "both", "both"], ring.Calls(B).Select(call => (string?)(RedisValue)call.Arguments[1]!));
    }

    [Fact]
    public async Task A_first_subscription_that_fails_leaves_nothing_behind()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        ring.On(A).Confirm = static () => Task.FromException(new TimeoutException("hangs"));

        await Assert.ThrowsAsync<TimeoutException>(() => ring.Subscriber.SubscribeAsync(OfA));
        Assert.Throws<TimeoutException>(() => ring.Subscriber.Subscribe(OfA));
        await Assert.ThrowsAsync<TimeoutException>(() => ring.Subscriber.SubscribeAsync(RedisChannel.Pattern("*")));

        Assert.False(ring.On(A).IsSubscribed(OfA) || ring.On(A).IsSubscribed(RedisChannel.Pattern("*")) || ring.On(B).IsSubscribed(RedisChannel.Pattern("*")));
        Assert.Null(ring.Subscriber.SubscribedEndpoint(OfA));
        Assert.Throws<ArgumentNullException>(() => ring.Subscriber.Subscribe(default));
        await ring.SayAsync(new(":1", false, 2), new(":2", false, 2));
        await Assert.ThrowsAsync<NoShardAvailableException>(() => ring.Subscriber.SubscribeAsync(OfA));
        Assert.Throws<NoShardAvailableException>(() => ring.Subscriber.Subscribe(RedisChannel.Pattern("*")));
    }

    [Fact]
    public async Task A_first_subscription_waits_a_second_for_the_connection_that_is_listened_on()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        ring.On(A).Confirm = static () => Task.FromException(Away());
        var subscribing = ring.Subscriber.SubscribeAsync(OfA);
        await ring.Clock.WaitBegunAsync(ChannelMoves.ShortPause);
        ring.On(A).Confirm = null;
        ring.Clock.Advance(ChannelMoves.ShortPause);
        await subscribing.WaitAsync(RoutedFixture.Soon);

        ring.On(A).Confirm = static () => Task.FromException(Away());
        RedisChannel other = RedisChannel.Literal(RoutedFixture.KeyOf(A, 1));
        subscribing = ring.Subscriber.SubscribeAsync(other);
        await ring.Clock.WaitBegunAsync(ChannelMoves.ShortPause);
        ring.Clock.Advance(ChannelMoves.ReadyWithin);

        await Assert.ThrowsAsync<RedisConnectionException>(() => subscribing.WaitAsync(RoutedFixture.Soon));
        Assert.False(ring.On(A).IsSubscribed(other));
    }

    [Fact]
    public async Task A_first_synchronous_subscription_waits_for_that_connection_too_while_the_shard_is_there()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        var opens = false;
        ring.On(A).Confirm = () => opens ? Task.CompletedTask : throw Away();
        ring.On(A).Connected = () => opens = true;
        var queue = ring.Subscriber.Subscribe(OfA);
        ring.On(A).Say(OfA, OfA, "heard");
        Assert.Equal("heard", (await ReadAsync(queue)).Message);

        opens = false;
        ring.Connection(A).IsConnected = false;
        RedisChannel other = RedisChannel.Literal(RoutedFixture.KeyOf(A, 1));
        Assert.Throws<RedisConnectionException>(() => ring.Subscriber.Subscribe(other));
        Assert.False(opens || ring.On(A).IsSubscribed(other));
    }

    [Fact]
    public async Task Subscriptions_that_nobody_waits_for_are_heard_the_second_as_well_as_the_first()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        for (var i = 0; i < 3; i++)
        {
            RedisChannel channel = RedisChannel.Literal(RoutedFixture.KeyOf(A, i));
            var queue = i % 2 == 0
                ? await ring.Subscriber.SubscribeAsync(channel, CommandFlags.FireAndForget)
                : ring.Subscriber.Subscribe(channel, CommandFlags.FireAndForget);
            Assert.Equal(channel, await ring.On(A).QueueAddedAsync());
            ring.On(A).Say(channel, channel, "heard");
            Assert.Equal("heard", (await ReadAsync(queue)).Message);
        }
    }

    [Fact]
    public async Task A_pattern_that_is_heard_on_a_shard_as_soon_as_it_returns_tells_no_gap()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        await ring.SayAsync(WithoutA);
        ring.On(A).Confirm = static () => Task.FromException(Away());
        using var gaps = new Gaps();
        await ring.Subscriber.SubscribeAsync(RedisChannel.Pattern("*"));
        await ring.Clock.WaitBegunAsync(ChannelMoves.ShortPause);
        ring.Clock.Advance(ChannelMoves.ReadyWithin);
        for (var second = 0; second < 8; second++)
        {
            await ring.Clock.WaitBegunAsync(ChannelMoves.Pause);
            ring.Clock.Advance(ChannelMoves.Pause);
        }

        await ring.Clock.WaitBegunAsync(ChannelMoves.Pause);
        await ring.SayAsync(Back);
        ring.On(A).Confirm = null;
        var questions = ring.On(A).Questions;

        // Where no context is in the way, what waits for the clock runs before it returns.
        await Task.Run(() => ring.Clock.Advance(ChannelMoves.Pause));

        Assert.Equal(questions + 1, ring.On(A).Questions);
        Assert.Empty(gaps.Reasons);
    }

    [Fact]
    public async Task A_move_that_fails_is_tried_until_it_succeeds_and_the_old_shard_is_listened_to_until_then()
    {
        await using var ring = await RoutedFixture.StartAsync(true, WithoutA);
        var queue = await ring.Subscriber.SubscribeAsync(OfA);
        ring.On(A).Confirm = static () => Task.FromException(Away());
        using var gaps = new Gaps();

        await ring.SayAsync(Back);
        await ring.Clock.WaitBegunAsync(ChannelMoves.ShortPause);
        ring.Clock.Advance(ChannelMoves.ReadyWithin);
        for (var second = 0; second < 12; second++)
        {
            await ring.Clock.WaitBegunAsync(ChannelMoves.Pause);
            ring.Clock.Advance(ChannelMoves.Pause);
        }

        await ring.Clock.WaitBegunAsync(ChannelMoves.Pause);
        ring.On(B).Say(OfA, OfA, "still");
        Assert.Equal("still", (await ReadAsync(queue)).Message);
        ring.On(A).Confirm = null;
        ring.Clock.Advance(ChannelMoves.Pause);
        await ring.Clock.WaitBegunAsync(ChannelMoves.Overlap);

        Assert.Equal(["heard_late"], gaps.Reasons);
    }

    [Fact]
    public async Task A_death_and_a_lost_connection_are_told_and_a_planned_move_is_not()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        await ring.Subscriber.SubscribeAsync(OfA);
        using var gaps = new Gaps();

        ring.Connection(A).LoseListening(ring.Redis(A).Multiplexer!);
        await ring.SayAsync(WithoutA);
        await ring.On(B).QueueAddedAsync();
        await ring.Clock.WaitBegunAsync(ChannelMoves.Overlap);
        ring.Clock.Advance(ChannelMoves.Overlap);
        await ring.On(A).EndedAsync(OfA);
        await ring.SayAsync(Back);
        await ring.Clock.WaitBegunAsync(ChannelMoves.Overlap);

        Assert.Equal(["connection_lost", "moved"], gaps.Reasons);
    }

    [Fact]
    public async Task Who_unsubscribes_ends_the_shards_subscription_with_the_last_one()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        var subscriber = ring.Subscriber;
        var heard = System.Threading.Channels.Channel.CreateUnbounded<string>();
        Action<RedisChannel, RedisValue> handler = (_, message) => heard.Writer.TryWrite(message!);
        var queue = await subscriber.SubscribeAsync(OfA);
        await subscriber.SubscribeAsync(OfA, handler);
        subscriber.Subscribe(OfA, handler);

        ring.On(A).Say(OfA, OfA, "twice");
        Assert.Equal(["twice", "twice"], [await heard.Reader.ReadAsync(Soon()), await heard.Reader.ReadAsync(Soon())]);
        await subscriber.UnsubscribeAsync(OfA, handler);
        await queue.UnsubscribeAsync();
        ring.On(A).Say(OfA, OfA, "once");
        Assert.Equal("once", await heard.Reader.ReadAsync(Soon()));
        Assert.True(ring.On(A).IsSubscribed(OfA));
        subscriber.Unsubscribe(OfA, handler);
        Assert.False(ring.On(A).IsSubscribed(OfA));
        await subscriber.UnsubscribeAsync(OfA, handler);

        var left = subscriber.Subscribe(OfA);
        await left.UnsubscribeAsync();
        await ring.On(A).EndedAsync(OfA);
    }

    [Fact]
    public async Task A_queue_that_is_ended_unread_is_let_go_at_the_next_message()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        var arrived = new TaskCompletionSource();
        Action<RedisChannel, RedisValue> handler = (_, _) => arrived.TrySetResult();
        var queue = await ring.Subscriber.SubscribeAsync(OfA);
        await ring.Subscriber.SubscribeAsync(OfA, handler);
        ring.On(A).Say(OfA, OfA, "unread");
        await arrived.Task.WaitAsync(RoutedFixture.Soon);

        ring.Subscriber.Unsubscribe(OfA, handler);
        queue.Unsubscribe();
        ring.On(A).Say(OfA, OfA, "more");

        await ring.On(A).EndedAsync(OfA);
    }

    [Fact]
    public async Task All_subscriptions_of_the_face_end_at_once_those_of_others_stay_and_disposal_ends_the_queues()
    {
        var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        RedisChannel pattern = RedisChannel.Pattern("*");
        ISubscriber others = (ISubscriber)(object)ring.On(A);
        var othersQueue = others.Subscribe(OfA);
        var (first, second) = (await ring.Subscriber.SubscribeAsync(OfA), await ring.Subscriber.SubscribeAsync(pattern));

        await ring.Subscriber.UnsubscribeAllAsync();
        await Task.WhenAll(first.Completion, second.Completion).WaitAsync(RoutedFixture.Soon);
        Assert.False(othersQueue.Completion.IsCompleted);
        Assert.False(ring.On(B).IsSubscribed(pattern));

        var third = await ring.Subscriber.SubscribeAsync(pattern);
        await ring.DisposeAsync();
        await third.Completion.WaitAsync(RoutedFixture.Soon);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ring.Subscriber.SubscribeAsync(OfA));
    }

    private static RedisConnectionException Away() => new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, "away", null, CommandStatus.Unknown);

    private static CancellationToken Soon() => new CancellationTokenSource(RoutedFixture.Soon).Token;

    private static async Task<ChannelMessage> ReadAsync(ChannelMessageQueue queue) => await queue.ReadAsync(Soon());

    /// <summary>What is counted as gaps of the fixture's cluster while it listens.</summary>
    private sealed class Gaps : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly List<string> _reasons = [];

        public Gaps()
        {
            _listener.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "ringkeeper.subscriptions.gaps")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
            {
                lock (_reasons)
                {
                    _reasons.Add((string)tags[1].Value!);
                }
            });
            _listener.Start();
        }

        public IReadOnlyList<string> Reasons
        {
            get
            {
                lock (_reasons)
                {
                    return [.. _reasons];
                }
            }
        }

        public void Dispose() => _listener.Dispose();
    }
}
