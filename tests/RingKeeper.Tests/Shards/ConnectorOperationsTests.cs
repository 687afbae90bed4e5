using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Shards;

public sealed class ConnectorOperationsTests : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    private readonly StepClock _clock = new();
    private readonly FakeRedis _redis = new();
    private readonly Routes _routes;
    private readonly List<string> _tried = [];

    public ConnectorOperationsTests()
    {
        _routes = new Routes(new ViewHost(new ClusterOptions { TimeProvider = _clock }, "shop", _redis.OpenAsync), _clock);
    }

    public ValueTask DisposeAsync() => _routes.DisposeAsync();

    [Fact]
    public async Task What_works_at_once_is_run_once()
    {
        await ApplyAsync(1, (":1", true), (":2", true));

        Assert.Equal(42, await _routes.ExecuteAsync("key", route => Task.FromResult(42)));
        await _routes.ExecuteAsync("key", route => Note(route));

        Assert.Single(_tried);
    }

    [Fact]
    public async Task A_read_that_failed_is_run_again_on_the_heir_as_soon_as_the_view_says_so()
    {
        await ApplyAsync(1, (":1", true), (":2", true));
        var owner = await OwnerAsync();
        var running = RunAsync(CommandFlags.CommandRetryReadOnly, route => route.Shard.Addr == owner ? Lost() : Task.FromResult("value"));
        await _clock.WaitBegunAsync(FirstPause);

        await ApplyAsync(2, (":1", owner != ":1"), (":2", owner != ":2"));

        // No time has passed: the view woke it.
        Assert.Equal("value", await running.WaitAsync(Soon));
        Assert.Equal(2, _tried.Count);
    }

    [Fact]
    public async Task A_view_that_came_while_the_operation_ran_is_tried_at_once()
    {
        await ApplyAsync(1, (":1", true), (":2", true));
        var owner = await OwnerAsync();
        var running = RunAsync(CommandFlags.CommandRetryReadOnly, async route =>
        {
            if (route.Shard.Addr != owner)
            {
                return "value";
            }

            await ApplyAsync(2, (":1", owner != ":1"), (":2", owner != ":2"));
            return await Lost();
        });

        Assert.Equal("value", await running.WaitAsync(Soon));
    }

    [Fact]
    public async Task A_restored_connection_wakes_too_and_is_left_alone_afterwards()
    {
        await ApplyAsync(1, (":1", true));
        var isLost = true;
        var running = RunAsync(CommandFlags.CommandRetryReadOnly, _ => isLost ? Lost() : Task.FromResult("value"));
        await _clock.WaitBegunAsync(FirstPause);
        isLost = false;

        _redis.Last(":1").Restore();

        Assert.Equal("value", await running.WaitAsync(Soon));
        Assert.False(_redis.Last(":1").IsWatched);
    }

    [Fact]
    public async Task Where_nothing_tells_of_a_change_attempts_grow_rare()
    {
        await ApplyAsync(1, (":1", true));
        var running = RunAsync(CommandFlags.CommandRetryReadOnly, _ => Lost(), TimeSpan.FromSeconds(4));
        foreach (var pause in new[] { 50, 100, 200, 400, 800, 1000, 1000 })
        {
            await _clock.WaitBegunAsync(TimeSpan.FromMilliseconds(pause));
            _clock.Advance(TimeSpan.FromMilliseconds(pause));
        }

        await _clock.WaitBegunAsync(TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(1));

        var error = await Assert.ThrowsAsync<RedisConnectionException>(() => running.WaitAsync(Soon));
        Assert.Equal(8, _tried.Count);
        Assert.Equal("8 attempts in 4.6 s: 'a' (:1): RedisConnectionException, 8 times", error.Data[ConnectorOperations.TriedKey]);
    }

    [Fact]
    public async Task A_write_that_may_have_been_applied_is_not_repeated()
    {
        await ApplyAsync(1, (":1", true));

        var error = await Assert.ThrowsAsync<RedisConnectionException>(() => RunAsync(CommandFlags.CommandRetryWriteAccumulating, _ => Lost()));

        Assert.Single(_tried);
        Assert.Empty(error.Data);
    }

    [Fact]
    public async Task A_write_that_was_never_sent_is_run_again_and_the_one_after_it_that_was_sent_is_not()
    {
        await ApplyAsync(1, (":1", true));
        var running = RunAsync(CommandFlags.CommandRetryWriteAccumulating, _ => _tried.Count == 1 ? Unsent() : Lost());
        await _clock.WaitBegunAsync(FirstPause);
        _clock.Advance(FirstPause);

        var error = await Assert.ThrowsAsync<RedisConnectionException>(() => running.WaitAsync(Soon));

        Assert.Equal(CommandStatus.Sent, error.CommandStatus);
        Assert.Equal(2, _tried.Count);
        Assert.Contains("2 attempts", (string)error.Data[ConnectorOperations.TriedKey]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operation_that_must_never_run_twice_still_waits_for_a_shard()
    {
        await ApplyAsync(1, (":1", false));
        var running = RunAsync(CommandFlags.CommandRetryNever, _ => Task.FromResult("value"));
        await _clock.WaitBegunAsync(FirstPause);

        await ApplyAsync(2, (":1", true));

        Assert.Equal("value", await running.WaitAsync(Soon));
        Assert.Single(_tried);
    }

    [Fact]
    public async Task At_the_deadline_the_last_real_error_is_thrown()
    {
        await ApplyAsync(1, (":1", false));
        var running = RunAsync(CommandFlags.CommandRetryReadOnly, _ => Task.FromResult("value"), TimeSpan.FromMilliseconds(20));
        await _clock.WaitBegunAsync(FirstPause);
        _clock.Advance(TimeSpan.FromMilliseconds(20));

        var error = await Assert.ThrowsAsync<NoShardAvailableException>(() => running.WaitAsync(Soon));

        Assert.Contains("'a' (:1) is dead", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operation_that_outlasts_the_deadline_is_left_and_named()
    {
        await ApplyAsync(1, (":1", true));
        var endless = new TaskCompletionSource<string>();
        var running = RunAsync(CommandFlags.CommandRetryReadOnly, _ => endless.Task, TimeSpan.FromSeconds(3));
        _clock.Advance(TimeSpan.FromSeconds(3));

        var error = await Assert.ThrowsAsync<RingKeeperException>(() => running.WaitAsync(Soon));

        Assert.Contains("Shard 'a' (:1) did not answer within the deadline of 00:00:03", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attempt_under_way_at_the_deadline_is_not_told_as_the_one_before_it_that_was_never_sent()
    {
        await ApplyAsync(1, (":1", true));
        var endless = new TaskCompletionSource<string>();
        var begun = new TaskCompletionSource();
        var running = RunAsync(
            CommandFlags.CommandRetryWriteAccumulating,
            _ =>
            {
                if (_tried.Count == 1)
                {
                    return Unsent();
                }

                begun.SetResult();
                return endless.Task;
            },
            TimeSpan.FromSeconds(3));
        await _clock.WaitBegunAsync(FirstPause);
        _clock.Advance(FirstPause);
        await begun.Task.WaitAsync(Soon);
        _clock.Advance(TimeSpan.FromSeconds(3));

        var error = await Assert.ThrowsAsync<RingKeeperException>(() => running.WaitAsync(Soon));

        Assert.Contains("may or may not have been applied", error.Message, StringComparison.Ordinal);
        Assert.IsType<RedisConnectionException>(error.InnerException);
        Assert.Contains("'a' (:1): no answer before the deadline", (string)error.Data[ConnectorOperations.TriedKey]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deadline_of_zero_sends_nothing()
    {
        await ApplyAsync(1, (":1", true));

        var error = await Assert.ThrowsAsync<RingKeeperException>(() => RunAsync(CommandFlags.CommandRetryReadOnly, _ => Task.FromResult("value"), TimeSpan.Zero));

        Assert.Contains("nothing was sent", error.Message, StringComparison.Ordinal);
        Assert.Empty(_tried);
    }

    [Fact]
    public async Task An_operation_without_a_task_is_told_so()
    {
        await ApplyAsync(1, (":1", true));

        var none = new Task<string>[1];

        Assert.Contains("returned null", (await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(CommandFlags.CommandRetryReadOnly, _ => none[0]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_callers_own_cancellation_is_a_cancellation()
    {
        await ApplyAsync(1, (":1", false));
        using var cancel = new CancellationTokenSource();
        var running = _routes.ExecuteAsync("key", _ => Task.FromResult(1), deadline: Timeout.InfiniteTimeSpan, cancellationToken: cancel.Token);
        await _clock.WaitBegunAsync(FirstPause);
        await cancel.CancelAsync();

        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Soon));

        Assert.Equal(cancel.Token, error.CancellationToken);
    }

    [Fact]
    public async Task A_disposed_connector_ends_the_waiting()
    {
        await ApplyAsync(1, (":1", false));
        var running = RunAsync(CommandFlags.CommandRetryReadOnly, _ => Task.FromResult("value"));
        await _clock.WaitBegunAsync(FirstPause);

        await _routes.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => running.WaitAsync(Soon));
    }

    [Fact]
    public async Task What_is_no_category_and_no_deadline_is_refused()
    {
        await ApplyAsync(1, (":1", true));

        Assert.Contains("'FireAndForget'", (await Assert.ThrowsAsync<ArgumentException>(() => RunAsync(CommandFlags.FireAndForget, _ => Lost()))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => RunAsync(CommandFlags.CommandRetryReadOnly, _ => Lost(), TimeSpan.FromSeconds(-1)));
        Assert.Empty(_tried);
    }

    [Fact]
    public async Task A_connector_that_tells_nothing_is_tried_by_the_clock()
    {
        await ApplyAsync(1, (":1", true));
        await using var foreign = new Foreign(_routes);
        var times = 0;

        Assert.Equal(3, await foreign.ExecuteAsync("key", _ => ++times < 3 ? throw Error(CommandStatus.Sent) : Task.FromResult(times), CommandFlags.CommandRetryReadOnly).WaitAsync(Soon));
    }

    private static RedisConnectionException Error(CommandStatus status) =>
        new(status == CommandStatus.Sent ? ConnectionFailureType.SocketClosed : ConnectionFailureType.UnableToResolvePhysicalConnection, CommandFlags.CommandRetryReadOnly, "lost", null, status);

    private static Task<string> Lost() => Task.FromException<string>(Error(CommandStatus.Sent));

    private static Task<string> Unsent() => Task.FromException<string>(Error(CommandStatus.WaitingToBeSent));

    private Task<string> RunAsync(CommandFlags category, Func<ShardRoute, Task<string>> operation, TimeSpan? deadline = null) =>
        _routes.ExecuteAsync(
            "key",
            route =>
            {
                _ = Note(route);
                return operation(route);
            },
            category,
            deadline: deadline);

    private Task Note(ShardRoute route)
    {
        _tried.Add(route.Shard.Addr);
        return Task.CompletedTask;
    }

    private async Task<string> OwnerAsync() => (await _routes.ConnectAsync("key")).Shard.Addr;

    private Task ApplyAsync(long version, params (string Addr, bool Alive)[] shards)
    {
        var ring = new ConsistentRingBuilder("20").Build([.. shards.Select(shard => new Shard(shard.Addr == ":1" ? "a" : "b", shard.Addr))]);
        var statuses = shards.ToDictionary(shard => shard.Addr, shard => new ShardStatus(shard.Addr, shard.Alive, version));
        return _routes.Host.ApplyAsync(new ClusterView(ring, true, 1, 0, version, statuses), default).WaitAsync(Soon);
    }

    private sealed class Routes(ViewHost host, TimeProvider time) : IConnector, IRouteSource
    {
        public ViewHost Host => host;

        public Task RoutesChanged => host.RoutesChanged;

        public TimeProvider Time => time;

        public ValueTask<ShardRoute> ConnectAsync(RedisKey key, RoutePolicy policy = RoutePolicy.Failover, CancellationToken cancellationToken = default) =>
            host.ConnectAsync(key, policy, cancellationToken);

        public ValueTask DisposeAsync() => host.DisposeAsync();
    }

    private sealed class Foreign(IConnector inner) : IConnector
    {
        public ValueTask<ShardRoute> ConnectAsync(RedisKey key, RoutePolicy policy = RoutePolicy.Failover, CancellationToken cancellationToken = default) =>
            inner.ConnectAsync(key, policy, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
