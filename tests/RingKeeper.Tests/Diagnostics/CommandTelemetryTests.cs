using System.Diagnostics;
using System.Diagnostics.Metrics;
using RingKeeper.Tests.Commands;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Diagnostics;

/// <summary>Listening is for the whole process: other tests must not run meanwhile, some of which count what a call allocates.</summary>
[CollectionDefinition(nameof(CommandTelemetryTests), DisableParallelization = true)]
[Collection(nameof(CommandTelemetryTests))]
public sealed class CommandTelemetryTests : IDisposable
{
    private readonly List<Activity> _spans = [];
    private readonly List<string> _durations = [];
    private readonly ActivityListener _activities = new() { ShouldListenTo = static source => source.Name == RingKeeperTelemetry.SourceName, Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded };
    private readonly MeterListener _meters = new();

    public void Dispose()
    {
        _activities.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public void It_is_on_while_anybody_listens_to_spans_or_durations()
    {
        Assert.False(CommandTelemetry.IsOn);

        Listen();
        Assert.True(CommandTelemetry.IsOn);

        _activities.Dispose();
        Assert.True(CommandTelemetry.IsOn);

        _meters.Dispose();
        Assert.False(CommandTelemetry.IsOn);
    }

    [Fact]
    public void Looking_whether_anybody_listens_allocates_nothing()
    {
        Assert.Equal(0, Allocation.PerCall(static _ => Assert.False(CommandTelemetry.IsOn)));
    }

    [Fact]
    public async Task A_command_is_a_client_span_and_a_duration_with_the_shard_that_served_it()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        Listen();

        Assert.Equal("value", await CommandTelemetry.TellAsync("GET", Route(ring, RoutedFixture.B), static shard => Task.FromResult(shard is null ? "" : "value")));

        var span = Assert.Single(_spans);
        Assert.Equal(("GET", ActivityKind.Client, ActivityStatusCode.Unset), (span.DisplayName, span.Kind, span.Status));
        Assert.Equal(
            "db.namespace=0 db.operation.name=GET db.system.name=redis ringkeeper.shard.id=b server.address=127.0.0.1 server.port=2",
            Tags(span.TagObjects));
        Assert.Equal(["db.operation.name=GET db.system.name=redis server.address=127.0.0.1 server.port=2"], _durations);
    }

    [Fact]
    public async Task Tasks_bear_the_state_of_their_database_whoever_listens()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        Listen();
        var (value, plain) = (new TaskCompletionSource<string>("state"), new TaskCompletionSource("state"));

        var told = CommandTelemetry.TellAsync("GET", Route(ring, RoutedFixture.B), _ => value.Task);
        Task toldPlain = CommandTelemetry.TellAsync("SET", Route(ring, RoutedFixture.B), _ => plain.Task);
        Assert.Equal(("state", "state"), (told.AsyncState, toldPlain.AsyncState));
        value.SetResult("value");
        plain.SetException(new InvalidOperationException("gone"));

        Assert.Equal("value", await told);
        Assert.Equal("gone", (await Assert.ThrowsAsync<InvalidOperationException>(() => toldPlain)).Message);
    }

    [Fact]
    public async Task A_wait_for_the_route_belongs_to_the_span()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        Listen();
        var routing = new TaskCompletionSource<ShardRoute>();

        var told = CommandTelemetry.TellAsync("SET", new ValueTask<ShardRoute>(routing.Task), static _ => Task.CompletedTask);
        Assert.False(told.IsCompleted);
        Assert.Empty(_spans);
        routing.SetResult(await Route(ring, RoutedFixture.A));
        await told;

        Assert.Contains("ringkeeper.shard.id=a", Tags(Assert.Single(_spans).TagObjects), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_server_answers_in_error_is_told_by_its_prefix_and_nothing_of_its_sentence()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        Listen();

        await Assert.ThrowsAsync<RedisServerException>(() =>
            CommandTelemetry.TellAsync("GET", Route(ring, RoutedFixture.A), static _ => Task.FromException<int>(Answer(RedisErrorKind.Moved, "Key has MOVED to secret-host:1"))));
        await Assert.ThrowsAsync<RedisServerException>(() =>
            CommandTelemetry.TellAsync("EVALSHA", Route(ring, RoutedFixture.A), static _ => Task.FromException(Answer(RedisErrorKind.UnknownError, "SECRETKEY is not there"))));

        Assert.All(_spans, static span => Assert.Equal((ActivityStatusCode.Error, null), (span.Status, span.StatusDescription)));
        Assert.Contains("db.response.status_code=MOVED", Tags(_spans[0].TagObjects), StringComparison.Ordinal);
        Assert.Contains("error.type=MOVED", Tags(_spans[0].TagObjects), StringComparison.Ordinal);
        Assert.Contains("error.type=StackExchange.Redis.RedisServerException", Tags(_spans[1].TagObjects), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", string.Join(' ', _durations.Concat(_spans.Select(static span => Tags(span.TagObjects)))), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Each_error_that_servers_begin_with_a_known_word_is_told_by_that_word()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        Listen();

        await Assert.ThrowsAsync<RedisServerException>(() => CommandTelemetry.TellAsync(
            "GET", Route(ring, RoutedFixture.A), static _ => Task.FromException<int>(Answer(RedisErrorKind.WrongType, "WRONGTYPE Operation against a key"))));

        Assert.Equal(["db.operation.name=GET db.response.status_code=WRONGTYPE db.system.name=redis error.type=WRONGTYPE server.address=127.0.0.1 server.port=1"], _durations);
    }

    [Fact]
    public async Task A_command_that_finds_no_shard_is_told_by_the_class_of_its_exception()
    {
        Listen();
        var none = ValueTask.FromException<ShardRoute>(new NoShardAvailableException("gone"));

        await Assert.ThrowsAsync<NoShardAvailableException>(() => CommandTelemetry.TellAsync("GET", none, static _ => Task.FromResult(1)));
        Assert.Throws<NoShardAvailableException>(() => CommandTelemetry.Tell("GET", static () => throw new NoShardAvailableException("gone"), static _ => 1));

        Assert.Equal(Enumerable.Repeat("db.operation.name=GET db.system.name=redis error.type=RingKeeper.NoShardAvailableException", 2), _durations);
        Assert.Equal(2, _spans.Count);
    }

    [Fact]
    public async Task What_a_call_throws_by_itself_it_throws_here_too()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        Listen();
        Exception misuse = new FormatException("no key");

        Assert.Same(misuse, Assert.Throws<FormatException>(() => { _ = CommandTelemetry.TellAsync<int>("GET", Route(ring, RoutedFixture.A), _ => throw misuse); }));

        Assert.Contains("error.type=System.FormatException", Assert.Single(_durations), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_synchronous_command_is_told_likewise()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        var route = await Route(ring, RoutedFixture.A);
        Listen();

        Assert.Equal(7, CommandTelemetry.Tell("STRLEN", () => route, static _ => 7));
        CommandTelemetry.Tell("PERSIST", () => route, static _ => { });

        Assert.Equal(["STRLEN", "PERSIST"], _spans.Select(static span => span.DisplayName));
        Assert.All(_spans, static span => Assert.Contains("ringkeeper.shard.id=a", Tags(span.TagObjects), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_split_command_is_one_span_with_the_number_of_its_parts()
    {
        Listen();

        await CommandTelemetry.TellSplitAsync("MGET", 3, static () => Task.FromResult(1));
        await CommandTelemetry.TellSplitAsync("MSET", 1, static () => Task.CompletedTask);
        CommandTelemetry.TellSplit("UNLINK", 2, static () => 1L);

        Assert.Equal(
            ["db.operation.batch.size=3 db.operation.name=MGET db.system.name=redis", "db.operation.name=MSET db.system.name=redis", "db.operation.batch.size=2 db.operation.name=UNLINK db.system.name=redis"],
            _spans.Select(static span => Tags(span.TagObjects)));
    }

    [Fact]
    public async Task The_callers_activity_stays_the_current_one_and_the_spans_own_is_the_parent_of_what_the_call_begins()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        Listen();
        using var caller = new Activity("caller").Start();
        var sent = new TaskCompletionSource<int>();
        Activity? inner = null;

        var told = CommandTelemetry.TellAsync("GET", Route(ring, RoutedFixture.A), _ =>
        {
            inner = Activity.Current;
            return sent.Task;
        });
        Assert.Same(caller, Activity.Current);
        sent.SetResult(1);
        await told;

        Assert.Same(caller, Activity.Current);
        var span = Assert.Single(_spans);
        Assert.Same(span, inner);
        Assert.Same(caller, span.Parent);
    }

    [Fact]
    public async Task A_listener_that_throws_spoils_no_command()
    {
        await using var ring = await RoutedFixture.StartAsync(true, RoutedFixture.AllAlive);
        _activities.ActivityStarted = static _ => throw new InvalidOperationException("started");
        _meters.SetMeasurementEventCallback<double>(static (_, _, _, _) => throw new InvalidOperationException("measured"));
        Listen(ownCallbacks: false);

        Assert.Equal(1, await CommandTelemetry.TellAsync("GET", Route(ring, RoutedFixture.A), static _ => Task.FromResult(1)));
    }

    [Theory]
    [InlineData("json.get", "JSON.GET")]
    [InlineData("FT.SEARCH", "FT.SEARCH")]
    [InlineData("order:17", "EXECUTE")]
    [InlineData("", "EXECUTE")]
    public void A_command_that_the_caller_named_is_told_if_it_may_be_one(string command, string name) => Assert.Equal(name, CommandTelemetry.NameOf(command));

    private static RedisServerException Answer(RedisErrorKind kind, string sentence) => new(kind, CommandFlags.None, sentence);

    private static ValueTask<ShardRoute> Route(RoutedFixture ring, Shard shard) => ring.Host.ConnectAsync(RoutedFixture.KeyOf(shard), RoutePolicy.Failover, default);

    private static string Tags(IEnumerable<KeyValuePair<string, object?>> tags) => string.Join(' ', tags.Select(static tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal));

    private void Listen(bool ownCallbacks = true)
    {
        if (ownCallbacks)
        {
            _activities.ActivityStopped = _spans.Add;
            _meters.SetMeasurementEventCallback<double>((_, _, tags, _) => _durations.Add(Tags(tags.ToArray())));
        }

        _meters.InstrumentPublished = static (instrument, self) =>
        {
            if (instrument.Meter.Name == RingKeeperTelemetry.SourceName && instrument.Name == "db.client.operation.duration")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        ActivitySource.AddActivityListener(_activities);
        _meters.Start();
    }
}
