using System.Collections.Concurrent;
using Xunit;

namespace RingKeeper.Tests.Health;

public sealed class LocalCheckerTests : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Refusal = TimeSpan.FromMilliseconds(50);
    private static readonly Shard A = new("a", ":1");
    private static readonly Shard B = new("b", ":2");

    private readonly StepClock _clock = new();
    private readonly ConcurrentDictionary<string, ScriptedProbe> _probes = new();
    private readonly LocalChecker _checker;

    public LocalCheckerTests() => _checker = new LocalChecker(Options());

    public ValueTask DisposeAsync() => _checker.DisposeAsync();

    [Fact]
    public async Task A_shard_is_alive_with_the_wall_clock_of_its_first_answer()
    {
        await StartAliveAsync();

        var since = (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10;
        Assert.Equal(new ShardStatus(":1", true, since), _checker.Statuses[":1"]);
    }

    [Fact]
    public async Task A_hung_shard_is_dead_exactly_when_the_threshold_has_passed()
    {
        var probe = await StartAliveAsync();
        _clock.Advance(Interval);
        await HangAsync(probe);
        await HangAsync(probe);
        await _clock.WaitBegunAsync(TimeSpan.FromMilliseconds(700));

        _clock.Advance(TimeSpan.FromMilliseconds(399));
        Assert.True(_checker.Statuses[":1"].Alive);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(_checker.Statuses[":1"].Alive);
    }

    [Fact]
    public async Task A_shard_dies_at_the_threshold_though_a_probe_is_pending()
    {
        var probe = await StartAliveAsync(Options() with { Interval = TimeSpan.FromMilliseconds(1800), Threshold = TimeSpan.FromSeconds(2) });
        _clock.Advance(TimeSpan.FromMilliseconds(1800));
        await probe.AnswerAsync(ProbeOutcome.Closed);
        await probe.CallAsync();
        _clock.Advance(TimeSpan.FromMilliseconds(199));
        Assert.True(_other!.Statuses[":1"].Alive);

        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.False(_other.Statuses[":1"].Alive);
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task A_refusal_is_checked_after_50_ms_and_then_proof()
    {
        var probe = await StartAliveAsync();
        _clock.Advance(Interval);
        await probe.AnswerAsync(ProbeOutcome.Refused);
        await _clock.WaitBegunAsync(Refusal);
        Assert.True(_checker.Statuses[":1"].Alive);
        _clock.Advance(Refusal);
        await probe.AnswerAsync(ProbeOutcome.Refused);
        await _clock.WaitBegunAsync(Interval / 8);

        Assert.False(_checker.Statuses[":1"].Alive);
    }

    [Fact]
    public async Task A_reset_is_probed_again_without_any_wait()
    {
        var probe = await StartAliveAsync();
        _clock.Advance(Interval);
        await probe.AnswerAsync(ProbeOutcome.Closed);
        await probe.AnswerAsync(ProbeOutcome.Alive);
        await _clock.WaitBegunAsync(Interval);

        Assert.True(_checker.Statuses[":1"].Alive);
    }

    [Fact]
    public async Task A_disturbance_of_the_idle_connection_is_probed_at_once()
    {
        var probe = await StartAliveAsync();
        _clock.Advance(TimeSpan.FromMilliseconds(400));

        probe.Disturb();

        await probe.AnswerAsync(ProbeOutcome.Alive);
    }

    [Fact]
    public async Task Disturbances_right_after_each_probe_do_not_spin_the_loop()
    {
        var probe = await StartAliveAsync();

        probe.Disturb();
        await _clock.WaitBegunAsync(Refusal);
        Assert.False(probe.HasPendingCall);

        _clock.Advance(Refusal);
        await probe.AnswerAsync(ProbeOutcome.Alive);
    }

    [Fact]
    public async Task A_server_that_closes_right_after_each_answer_is_asked_ever_less_often_up_to_the_interval()
    {
        var probe = await StartAliveAsync();
        foreach (var spacing in new[] { 50, 100, 200, 400, 800 })
        {
            probe.Disturb();
            await _clock.WaitBegunAsync(TimeSpan.FromMilliseconds(spacing));
            _clock.Advance(TimeSpan.FromMilliseconds(spacing));
            await probe.AnswerAsync(ProbeOutcome.Alive);
            await _clock.WaitBegunAsync(Interval);
        }

        // A connection that lived longer than the last spacing ends the patience with it.
        _clock.Advance(Interval);
        await probe.AnswerAsync(ProbeOutcome.Alive);
        await _clock.WaitBegunAsync(Interval);
        probe.Disturb();
        await _clock.WaitBegunAsync(TimeSpan.FromMilliseconds(50));
    }

    [Theory]
    [InlineData(0.0, 900)]
    [InlineData(0.5, 1000)]
    [InlineData(0.9999999, 1100)]
    public async Task The_interval_jitters_by_a_tenth(double random, int milliseconds)
    {
        await using var checker = new LocalChecker(Options() with { Random = new FixedRandom(random) });
        checker.SetShards([A]);
        await _probes[":1"].AnswerAsync(ProbeOutcome.Alive);
        await using var armed = checker.WatchAsync().GetAsyncEnumerator();
        await armed.MoveNextAsync().AsTask().WaitAsync(Soon);
        await _clock.WaitBegunAsync(wait => Math.Abs((wait - TimeSpan.FromMilliseconds(milliseconds)).TotalMilliseconds) < 0.01);
    }

    [Fact]
    public async Task A_misconfigured_shard_has_no_verdict_and_does_not_die()
    {
        var probe = await StartAliveAsync();
        await using var snapshots = _checker.WatchStatusesAsync().GetAsyncEnumerator();
        await snapshots.MoveNextAsync();
        Assert.NotEmpty(snapshots.Current);
        for (var i = 0; i < 5; i++)
        {
            _clock.Advance(Interval);
            await probe.AnswerAsync(ProbeOutcome.Misconfigured);
            await _clock.WaitBegunAsync(Interval);
            Assert.Empty(_checker.Statuses);
        }

        Assert.True(await snapshots.MoveNextAsync().AsTask().WaitAsync(Soon));
        Assert.Empty(snapshots.Current);
        _clock.Advance(Interval);
        await probe.AnswerAsync(ProbeOutcome.Alive);
        await _clock.WaitBegunAsync(Interval);
        Assert.True(_checker.Statuses[":1"].Alive);
    }

    [Fact]
    public async Task A_dead_shard_returns_after_its_penalty_with_a_higher_since()
    {
        _checker.SetShards([A]);
        var probe = _probes[":1"];
        await probe.AnswerAsync(ProbeOutcome.Refused);
        await _clock.WaitBegunAsync(Refusal);
        _clock.Advance(Refusal);
        await probe.AnswerAsync(ProbeOutcome.Refused);
        await _clock.WaitBegunAsync(Interval / 8);
        var death = _checker.Statuses[":1"];
        Assert.False(death.Alive);
        for (var i = 0; i < 2; i++)
        {
            Assert.False(_checker.Statuses[":1"].Alive);
            _clock.Advance(Interval);
            await probe.AnswerAsync(ProbeOutcome.Alive);
            await _clock.WaitBegunAsync(Interval);
        }

        Assert.True(_checker.Statuses[":1"].Alive);
        Assert.True(_checker.Statuses[":1"].Since > death.Since);
    }

    [Fact]
    public async Task Hung_shards_that_hold_every_worker_do_not_hold_up_another()
    {
        await using var checker = new LocalChecker(Options() with { WorkerCount = 1 });
        checker.SetShards([A]);
        await _probes[":1"].CallAsync();
        checker.SetShards([A, B]);
        await _clock.WaitBegunAsync(TimeSpan.FromMilliseconds(200));
        Assert.False(_probes[":2"].HasPendingCall);

        _clock.Advance(TimeSpan.FromMilliseconds(200));

        await _probes[":2"].AnswerAsync(ProbeOutcome.Alive);
        await _clock.WaitBegunAsync(TimeSpan.FromMilliseconds(800));
        Assert.True(checker.Statuses[":2"].Alive);
    }

    [Fact]
    public async Task A_probe_that_heeds_no_cancellation_counts_as_timed_out_and_is_not_doubled()
    {
        var probe = await StartAliveAsync();
        probe.IgnoresCancellation = true;
        _clock.Advance(Interval);
        var hung = await probe.CallAsync();
        await TimeOutAsync();
        await _clock.WaitBegunAsync(Timeout);
        _clock.Advance(Timeout);
        await _clock.WaitBegunAsync(TimeSpan.FromMilliseconds(700));
        _clock.Advance(TimeSpan.FromMilliseconds(700));
        Assert.False(_checker.Statuses[":1"].Alive);
        await _clock.WaitBegunAsync(Timeout);
        Assert.False(probe.HasPendingCall);

        hung.SetResult(new ProbeResult(ProbeOutcome.Alive));
        await _clock.WaitBegunAsync(Interval);
        Assert.Equal(1, probe.MostAtOnce);
    }

    [Fact]
    public async Task A_probe_that_throws_counts_as_failed()
    {
        var probe = await StartAliveAsync();
        _clock.Advance(Interval);
        (await probe.CallAsync()).SetException(new InvalidOperationException("no route"));
        await _clock.WaitBegunAsync(Interval);
        _clock.Advance(Interval);

        Assert.False(_checker.Statuses[":1"].Alive);
    }

    [Fact]
    public async Task Shards_come_and_go_while_the_others_keep_their_state()
    {
        await StartAliveAsync();
        var first = _checker.Statuses[":1"];

        _checker.SetShards([new("renamed", ":1"), B]);
        await _probes[":2"].AnswerAsync(ProbeOutcome.Alive);
        await _clock.WaitBegunAsync(Interval);
        Assert.Same(first, _checker.Statuses[":1"]);
        Assert.True(_checker.Statuses[":2"].Alive);

        var probe = _probes[":1"];
        _checker.SetShards([B]);
        await probe.Disposed.WaitAsync(Soon);
        Assert.Equal([":2"], _checker.Statuses.Keys);
    }

    [Fact]
    public async Task A_watcher_gets_the_present_statuses_and_then_each_change()
    {
        var probe = await StartAliveAsync();
        await using var feed = _checker.WatchAsync().GetAsyncEnumerator();
        Assert.True(await feed.MoveNextAsync());
        Assert.True(feed.Current.Alive);
        _clock.Advance(Interval);
        await probe.AnswerAsync(ProbeOutcome.Refused);
        await _clock.WaitBegunAsync(Refusal);
        _clock.Advance(Refusal);
        await probe.AnswerAsync(ProbeOutcome.Refused);

        Assert.True(await feed.MoveNextAsync().AsTask().WaitAsync(Soon));
        Assert.Equal(_checker.Statuses[":1"], feed.Current);
        Assert.False(feed.Current.Alive);
    }

    [Fact]
    public async Task Disposal_stops_probes_ends_feeds_and_may_be_repeated()
    {
        var probe = await StartAliveAsync();
        var feed = Task.Run(async () => await _checker.WatchAsync().CountAsync());
        _clock.Advance(Interval);
        await probe.CallAsync();

        await _checker.DisposeAsync().AsTask().WaitAsync(Soon);
        await _checker.DisposeAsync().AsTask().WaitAsync(Soon);

        Assert.True(probe.Disposed.IsCompleted);
        Assert.InRange(await feed.WaitAsync(Soon), 0, 1);
        Assert.Throws<ObjectDisposedException>(() => _checker.SetShards([A]));
        Assert.InRange(await _checker.WatchAsync().CountAsync(), 0, 1);
    }

    [Fact]
    public void An_address_that_cannot_be_read_is_refused_and_nothing_starts()
    {
        var checker = new LocalChecker(new LocalCheckerOptions());

        Assert.Contains("'nowhere'", Assert.Throws<RingKeeperException>(() => checker.SetShards([A, new("b", "nowhere")])).Message, StringComparison.Ordinal);
        Assert.Empty(checker.Statuses);
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name_and_value()
    {
        Refused(Options() with { Interval = TimeSpan.Zero }, "Interval is 00:00:00");
        Refused(Options() with { Threshold = TimeSpan.FromSeconds(-1) }, "Threshold is -00:00:01");
        Refused(Options() with { ProbeTimeout = TimeSpan.FromDays(2) }, "ProbeTimeout is 2.00:00:00");
        Refused(Options() with { WorkerCount = 0 }, "WorkerCount is 0");

        static void Refused(LocalCheckerOptions options, string named) =>
            Assert.Contains(named, Assert.Throws<RingKeeperException>(() => new LocalChecker(options)).Message, StringComparison.Ordinal);
    }

    private LocalChecker? _other;

    private async Task<ScriptedProbe> StartAliveAsync(LocalCheckerOptions? options = null)
    {
        if (options is not null)
        {
            _other = new LocalChecker(options);
        }

        (_other ?? _checker).SetShards([A]);
        await _probes[":1"].AnswerAsync(ProbeOutcome.Alive);
        await _clock.WaitBegunAsync(options?.Interval ?? Interval);
        return _probes[":1"];
    }

    private async Task HangAsync(ScriptedProbe probe)
    {
        await probe.CallAsync();
        await TimeOutAsync();
    }

    // Two timers end a probe: its own cancellation and the loop's wait for it.
    private async Task TimeOutAsync()
    {
        await _clock.WaitBegunAsync(Timeout);
        await _clock.WaitBegunAsync(Timeout);
        _clock.Advance(Timeout);
    }

    private LocalCheckerOptions Options() => new()
    {
        Interval = Interval,
        ProbeTimeout = Timeout,
        TimeProvider = _clock,
        Random = new FixedRandom(0.5),

        // These tests let time jump; a checker that watches itself would call that a pause.
        WatchesItself = false,
        CreateProbe = shard => _probes[shard.Addr] = new ScriptedProbe(),
    };

    private sealed class FixedRandom(double value) : Random
    {
        public override double NextDouble() => value;
    }
}
