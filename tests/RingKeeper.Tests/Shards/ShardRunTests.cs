using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Shards;

public sealed class ShardRunTests : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongDifference = TimeSpan.FromSeconds(10);
    private static readonly Shard A = new("a", ":1");

    private readonly StepClock _clock = new();
    private readonly FakeRedis _redis = new();
    private readonly Lines _log = [];
    private readonly ViewHost _host;
    private Func<Task<RedisResult>> _answer = static () => Run("one");

    public ShardRunTests()
    {
        _redis.Script = _ => _answer();
        _host = new ViewHost(new ClusterOptions { TimeProvider = _clock, Logger = _log }, "shop", _redis.OpenAsync);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_connection_in_use_knows_its_run_and_reads_count()
    {
        await ApplyAsync("one");

        var origin = await OriginAsync();

        Assert.Equal("one", origin.Run?.RunId);
        Assert.True(origin.IsViewsRun(origin.Run));
    }

    [Fact]
    public async Task While_a_new_connection_has_not_asked_nothing_read_counts()
    {
        await ApplyAsync("one");
        var origin = await OriginAsync();
        var before = origin.Run;

        _redis.Last(":1").BeforeConnect();

        Assert.Null(origin.Run);
        Assert.False(origin.IsViewsRun(before));
        Assert.False(origin.IsViewsRun(origin.Run));
    }

    [Fact]
    public async Task What_was_read_across_a_reconnect_does_not_count_even_if_the_run_is_the_same()
    {
        await ApplyAsync("one");
        var origin = await OriginAsync();
        var before = origin.Run;

        Reconnect();

        Assert.Equal("one", origin.Run?.RunId);
        Assert.False(origin.IsViewsRun(before));
        Assert.True(origin.IsViewsRun(origin.Run));
    }

    [Fact]
    public async Task A_restart_that_no_view_tells_of_makes_every_read_a_miss_until_the_view_follows()
    {
        await ApplyAsync("one");
        _answer = static () => Run("two");
        Reconnect();
        var old = await OriginAsync();
        Assert.False(old.IsViewsRun(old.Run));

        await ApplyAsync("two", version: 2);

        var origin = await OriginAsync();
        Assert.True(origin.IsViewsRun(origin.Run));
        Assert.Single(_redis.Opened);
    }

    [Fact]
    public async Task An_answer_that_comes_after_the_next_connection_began_is_not_taken()
    {
        var late = new TaskCompletionSource<RedisResult>();
        _answer = () => late.Task;
        var applying = _host.ApplyAsync(View("one"), default);
        var multiplexer = _redis.Last(":1");

        multiplexer.BeforeConnect();
        late.SetResult(await Run("one"));
        await applying.WaitAsync(Soon);

        Assert.Null((await OriginAsync()).Run);
        _answer = static () => Run("two");
        multiplexer.Restore();
        Assert.Equal("two", (await OriginAsync()).Run?.RunId);
    }

    [Fact]
    public async Task A_second_answer_over_the_same_connection_changes_nothing()
    {
        await ApplyAsync("one");
        var origin = await OriginAsync();
        var before = origin.Run;

        _redis.Last(":1").Restore();

        Assert.Same(before, origin.Run);
    }

    [Fact]
    public async Task A_server_that_loads_or_hangs_is_asked_again_ever_more_rarely_while_the_connection_stands()
    {
        _answer = static () => Task.FromException<RedisResult>(new RedisServerException(RedisErrorKind.Loading, CommandFlags.None, "LOADING Redis is loading the dataset in memory"));
        await ApplyAsync("one");
        var origin = await OriginAsync();
        foreach (var milliseconds in new[] { 50, 100, 200, 400, 500, 500 })
        {
            await _clock.WaitBegunAsync(TimeSpan.FromMilliseconds(milliseconds));
            Assert.Null(origin.Run);
            _answer = static () => Task.FromException<RedisResult>(new RedisTimeoutException(CommandFlags.None, "late", CommandStatus.Sent));
            _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        }

        await _clock.WaitBegunAsync(TimeSpan.FromMilliseconds(500));
        _answer = static () => Run("one");
        _clock.Advance(TimeSpan.FromMilliseconds(500));

        await UntilAsync(() => origin.Run is not null);
        Assert.True(origin.IsViewsRun(origin.Run));
        Assert.Empty(_log.Ids);
    }

    [Fact]
    public async Task A_connection_that_is_gone_is_not_asked_again()
    {
        var asked = 0;
        _answer = () =>
        {
            asked++;
            return Task.FromException<RedisResult>(new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, "away"));
        };
        await ApplyAsync("one");
        await _clock.WaitBegunAsync(FirstPause);

        _redis.Last(":1").BeforeConnect();
        _clock.Advance(FirstPause);
        await _host.DisposeAsync();

        Assert.Equal(1, asked);
    }

    [Theory]
    [InlineData(RedisErrorKind.NoPermission, "NOPERM this user has no permissions to run the 'eval' command")]
    [InlineData(RedisErrorKind.UnknownError, "ERR The user executing the script can't run this command or subcommand")]
    public async Task Where_the_server_refuses_to_tell_reads_count_and_a_warning_says_once_what_is_lost(RedisErrorKind kind, string refusal)
    {
        _answer = () => Task.FromException<RedisResult>(new RedisServerException(kind, CommandFlags.None, refusal));
        await ApplyAsync("one");
        var origin = await OriginAsync();
        Reconnect();

        Assert.Null(origin.Run!.RunId);
        Assert.True(origin.IsViewsRun(origin.Run));
        Assert.Equal([3008], _log.Ids);
        Assert.Contains("+eval +info", _log[0], StringComparison.Ordinal);
        Assert.Contains(refusal, _log[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_without_a_run_counts_as_a_refusal()
    {
        _answer = static () => Task.FromResult(RedisResult.Create((RedisValue)"# Server\r\nredis_version:7.0.15\r\n"));

        await ApplyAsync("one");

        Assert.True((await OriginAsync()).IsViewsRun((await OriginAsync()).Run));
        Assert.Equal([3008], _log.Ids);
    }

    [Fact]
    public async Task A_view_that_names_no_run_lets_every_read_count()
    {
        await ApplyAsync(null);
        var origin = await OriginAsync();

        _redis.Last(":1").BeforeConnect();

        Assert.True(origin.IsViewsRun(null));
    }

    [Fact]
    public async Task A_connection_that_an_old_process_still_answers_is_opened_anew_and_nobody_uses_the_old_one_meanwhile()
    {
        await ApplyAsync("one");
        var old = _redis.Last(":1");
        var opening = _redis.Hold(":1");
        _answer = static () => Run("two");

        await ApplyAsync("two", version: 2);

        var routing = _host.ConnectAsync("key", RoutePolicy.Failover, default).AsTask();
        Assert.False(routing.IsCompleted);
        opening.SetResult();
        var route = await routing.WaitAsync(Soon);
        Assert.NotSame(old.Database, route.Database);
        Assert.True(route.Origin!.IsViewsRun(route.Origin.Run));
        Assert.Contains(3007, _log.Ids);
        await _clock.WaitBegunAsync(FirstPause);
        _clock.Advance(FirstPause);
        await old.Closed.WaitAsync(Soon);
    }

    [Fact]
    public async Task A_death_between_two_runs_hides_no_old_process()
    {
        await ApplyAsync("one");
        await _host.ApplyAsync(View("one", version: 2, isAlive: false), default);

        await ApplyAsync("two", version: 3);

        Assert.Equal(2, _redis.Opened.Count);
    }

    [Fact]
    public async Task A_connection_that_never_had_the_views_run_is_kept_and_told_of_once_after_long()
    {
        await ApplyAsync("other");
        await _clock.WaitBegunAsync(LongDifference);
        await ApplyAsync("another", version: 2);
        Assert.Single(_redis.Opened);
        _clock.Advance(LongDifference - TimeSpan.FromMilliseconds(1));
        Assert.Empty(_log.Ids);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await ApplyAsync("yetanother", version: 3);
        _clock.Advance(LongDifference);

        Assert.Equal([3009], _log.Ids);
        Assert.Contains("run one, and the checkers report run another", _log[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_difference_that_the_view_soon_ends_is_not_told()
    {
        await ApplyAsync("one");
        _answer = static () => Run("two");
        Reconnect();
        await _clock.WaitBegunAsync(LongDifference);
        _clock.Advance(LongDifference / 2);

        await ApplyAsync("two", version: 2);
        _clock.Advance(LongDifference * 2);

        Assert.Empty(_log.Ids);
    }

    [Fact]
    public async Task Connections_without_a_socket_cannot_tell_and_say_so()
    {
        await using var host = new ViewHost(
            new ClusterOptions { TimeProvider = _clock, Logger = _log }, "shop", (addr, _) => _redis.OpenAsync(addr, static () => { }));

        await host.ApplyAsync(View("one"), default);

        Assert.Equal([3008], _log.Ids);
    }

    [Fact]
    public async Task The_connection_to_a_single_server_asks_for_no_run_and_warns_of_none()
    {
        var options = new ClusterOptions { TimeProvider = _clock, Logger = _log };
        var connection = new ShardConnection(":1", ":1", options, (addr, _) => _redis.OpenAsync(addr, static () => { }), asksForRun: false);

        await connection.Opening;

        Assert.NotNull(connection.Database);
        Assert.Empty(_log.Ids);
        await connection.DrainAndCloseAsync(new CancellationToken(canceled: true));
    }

    private static Task<RedisResult> Run(string runId) => Task.FromResult(RedisResult.Create((RedisValue)$"# Server\r\nredis_version:7.0.15\r\nrun_id:{runId}\r\n"));

    private static ClusterView View(string? runId, long version = 1, bool isAlive = true) => new(
        new ConsistentRingBuilder("4").Build([A]), true, 1, 0, version, new Dictionary<string, ShardStatus> { [":1"] = new(":1", isAlive, version) { RunId = runId } });

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var bound = new CancellationTokenSource(Soon);
        while (!condition())
        {
            bound.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private void Reconnect()
    {
        _redis.Last(":1").BeforeConnect();
        _redis.Last(":1").Restore();
    }

    private Task ApplyAsync(string? runId, long version = 1) => _host.ApplyAsync(View(runId, version), default).WaitAsync(Soon);

    private async Task<RouteOrigin> OriginAsync() => (await _host.ConnectAsync("key", RoutePolicy.Failover, default)).Origin!;

    private sealed class Lines : List<string>, ILogger
    {
        public ConcurrentQueue<int> Ids { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning)
            {
                Add(formatter(state, exception));
                Ids.Enqueue(eventId.Id);
            }
        }
    }
}
