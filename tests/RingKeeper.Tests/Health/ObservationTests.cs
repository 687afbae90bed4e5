using System.Collections.Concurrent;
using Xunit;

namespace RingKeeper.Tests.Health;

/// <summary>What a checker knows beside its verdicts, and what its own pauses do to them; its heartbeat runs in virtual time.</summary>
public sealed class ObservationTests : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(300);
    private static readonly Shard A = new("a", ":1");
    private static readonly Shard B = new("b", ":2");

    private readonly StepClock _clock = new();
    private readonly ConcurrentDictionary<string, ScriptedProbe> _probes = new();
    private readonly LocalChecker _checker;
    private readonly IAsyncEnumerator<IReadOnlyDictionary<string, ShardStatus>> _changes;
    private SelfReading _reading;

    public ObservationTests()
    {
        _checker = new LocalChecker(new LocalCheckerOptions
        {
            Interval = Interval,
            ProbeTimeout = Timeout,
            TimeProvider = _clock,
            Random = new MiddleRandom(),
            SelfSensors = () => _reading,
            CreateProbe = shard => _probes[shard.Addr] = new ScriptedProbe(),
        });
        _changes = _checker.WatchStatusesAsync().GetAsyncEnumerator();
    }

    public async ValueTask DisposeAsync()
    {
        await _checker.DisposeAsync();
        await _changes.DisposeAsync();
    }

    [Fact]
    public async Task A_shard_that_is_not_probed_yet_is_known_and_nothing_is_known_of_it()
    {
        _checker.SetShards([A]);

        Assert.Equal(new ShardObservation(":1"), _checker.Observations[":1"]);
        Assert.Equal(new ShardObservation(":1"), _checker.Observe(":1"));
        Assert.Null(_checker.Observe(":9"));
        await _probes[":1"].CallAsync();
    }

    [Fact]
    public async Task An_observation_tells_run_role_round_trip_and_when_it_was_probed()
    {
        await StartAliveAsync();

        var seen = _checker.Observe(":1")!;

        Assert.Equal((true, "run1", "master"), (seen.Alive, seen.RunId, seen.Role));
        Assert.Equal(_checker.Statuses[":1"].Since, seen.Since);
        Assert.Equal(("run1", "master"), (_checker.Statuses[":1"].RunId, _checker.Statuses[":1"].Role));
        Assert.Equal(_clock.GetTimestamp(), seen.ProbedAt);
        Assert.Equal(TimeSpan.FromMilliseconds(2), seen.Rtt);
        var before = _checker.Observations;
        Run(Interval);
        await AnswerAsync(A);
        await _clock.WaitBegunAsync(Interval);

        // Probed again, and no news.
        Assert.Same(before, _checker.Observations);
        Assert.Equal(_clock.GetTimestamp(), _checker.Observe(":1")!.ProbedAt);
    }

    [Theory]
    [InlineData("run2", "master")]
    [InlineData("run1", "slave")]
    public async Task Another_run_or_role_is_a_change_with_a_time_of_its_own_though_no_probe_was_missed(string runId, string role)
    {
        await StartAliveAsync();
        var before = _checker.Statuses[":1"];
        Run(Interval);

        await AnswerAsync(A, new ProbeResult(ProbeOutcome.Alive) { RunId = runId, Role = role });
        await WhenAsync(seen => (seen.RunId, seen.Role) == (runId, role));

        var after = _checker.Statuses[":1"];
        Assert.Equal((true, runId, role), (after.Alive, after.RunId, after.Role));
        Assert.True(after.Since > before.Since);
        Assert.Equal(after.Since, _checker.Observations[":1"].Since);
    }

    [Fact]
    public async Task A_run_that_is_not_told_for_once_is_no_change()
    {
        await StartAliveAsync();
        var before = _checker.Statuses[":1"];
        Run(Interval);

        await AnswerAsync(A, new ProbeResult(ProbeOutcome.Busy, "BUSY"));
        await WhenAsync(static seen => seen.Error is not null);

        Assert.Equal(before, _checker.Statuses[":1"]);
        Assert.Equal((true, ProbeOutcome.Busy), (_checker.Observations[":1"].Alive, _checker.Observations[":1"].Error));
    }

    [Fact]
    public async Task A_death_tells_its_evidence_and_a_return_what_it_still_owes()
    {
        await StartAliveAsync();
        await DieAsync();

        var dead = _checker.Observations[":1"];
        Assert.Equal((false, ProbeOutcome.Refused, "told why"), (dead.Alive, dead.Error, dead.Detail));
        Assert.NotNull(dead.FailingSince);
        Assert.Null(dead.Suppressed);
        Assert.Null(ShardObservation.AllFailingSince(_checker.Observations));

        Run(Interval);
        await AnswerAsync(A);
        await WhenAsync(static seen => seen.Alive == true);
        var back = _checker.Observations[":1"];
        Assert.Equal((true, null, null), (back.Alive, back.Error, back.Suppressed));
    }

    [Fact]
    public async Task A_shard_that_owes_answers_shows_when_it_will_have_given_them()
    {
        _checker.SetShards([A]);
        await AnswerAsync(A, new ProbeResult(ProbeOutcome.Refused, "told why"));
        await _clock.WaitBegunAsync(ShardHealth.RefusalSpacing);
        Run(ShardHealth.RefusalSpacing);
        await AnswerAsync(A, new ProbeResult(ProbeOutcome.Refused, "told why"));
        await _clock.WaitBegunAsync(Interval / 8);
        Assert.Null(_checker.Observations[":1"].Suppressed);

        // Found dead at first, it owes two answers.
        Run(Interval / 8);
        await AnswerAsync(A);
        await WhenAsync(static seen => seen.Suppressed is not null);
        Assert.Equal(_clock.GetUtcNow() + Interval, _checker.Observations[":1"].Suppressed!.Until);
        Assert.Equal((false, null), (_checker.Observations[":1"].Alive, _checker.Observations[":1"].Error));
        await _clock.WaitBegunAsync(Interval);
        Run(Interval);
        await AnswerAsync(A);
        await WhenAsync(static seen => seen is { Alive: true, Suppressed: null });
    }

    [Fact]
    public async Task A_decaying_penalty_shows_until_when_it_holds_and_a_change_of_policy_ends_it()
    {
        _checker.SetFlapPolicy(FlapPolicy.Decaying);
        await StartAliveAsync();
        for (var i = 0; i < 2; i++)
        {
            await DieAsync();
            Run(Interval);
            await AnswerAsync(A);
            await WhenAsync(static seen => seen.Alive == true);
            await _clock.WaitBegunAsync(Interval);
        }

        await DieAsync();
        var held = _checker.Observations[":1"].Suppressed!;
        Assert.InRange(held.Until!.Value - _clock.GetUtcNow(), TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
        Run(Interval);
        await AnswerAsync(A);
        await WhenAsync(static seen => seen.Error is null);
        Assert.Equal((false, held), (_checker.Observations[":1"].Alive, _checker.Observations[":1"].Suppressed));
        await _clock.WaitBegunAsync(Interval);

        _checker.SetFlapPolicy(FlapPolicy.Off);
        Run(Interval);
        await AnswerAsync(A);
        await WhenAsync(static seen => seen.Alive == true);
        Assert.Null(_checker.Observations[":1"].Suppressed);
    }

    [Fact]
    public async Task A_shard_that_is_held_back_says_so_too_after_it_refused_this_checker()
    {
        _checker.SetShards([A]);
        await AnswerAsync(A, new ProbeResult(ProbeOutcome.Refused, "told why"));
        await _clock.WaitBegunAsync(ShardHealth.RefusalSpacing);
        Run(ShardHealth.RefusalSpacing);
        await AnswerAsync(A, new ProbeResult(ProbeOutcome.Refused, "told why"));
        await _clock.WaitBegunAsync(Interval / 8);

        // Found dead at first, it owes two answers.
        Run(Interval / 8);
        await AnswerAsync(A, new ProbeResult(ProbeOutcome.Misconfigured, "NOAUTH"));
        await WhenAsync(static seen => seen is { Alive: null, IsAbstaining: true, Suppressed: null });
        await _clock.WaitBegunAsync(Interval);

        Run(Interval);
        await AnswerAsync(A);

        await WhenAsync(static seen => seen is { Alive: null, IsAbstaining: false, Suppressed: not null });
        await _clock.WaitBegunAsync(Interval);
        Run(Interval);
        await AnswerAsync(A);
        await WhenAsync(static seen => seen is { Alive: true, Suppressed: null });
    }

    [Fact]
    public async Task A_pause_of_this_process_withholds_verdicts_until_the_shard_has_answered_and_moves_no_time()
    {
        await StartAliveAsync();
        var before = _checker.Statuses[":1"];
        Run(Interval);
        await _probes[":1"].CallAsync();

        // Everything that was due in these five seconds fires now, in whatever order.
        _clock.Advance(TimeSpan.FromSeconds(5));

        await WhenAsync(static seen => seen.IsAbstaining);
        var seen = _checker.Observations[":1"];
        Assert.Null(seen.Alive);
        Assert.Contains("paused for 4.8", seen.Reason, StringComparison.Ordinal);
        Assert.Equal(_clock.GetUtcNow() + TimeSpan.FromSeconds(2), seen.AbstainsUntil);
        Assert.Empty(_checker.Statuses);
        Assert.Contains(":1", _checker.Abstentions);

        // Asked again at once.
        await AnswerAsync(A);
        await WhenAsync(static seen => seen.Alive == true);
        Assert.Equal(before, _checker.Statuses[":1"]);
        Assert.Equal((true, false, null), (_checker.Observations[":1"].Alive, _checker.Observations[":1"].IsAbstaining, _checker.Observations[":1"].Reason));
    }

    [Fact]
    public async Task A_pause_while_nothing_is_under_way_has_every_shard_probed_at_once()
    {
        await StartAliveAsync();
        Run(TimeSpan.FromMilliseconds(300));
        _reading = new SelfReading(TimeSpan.FromMilliseconds(1100), default);

        Run(TimeSpan.FromMilliseconds(100));
        _reading = default;

        await WhenAsync(static seen => seen.IsAbstaining);
        Assert.Contains("garbage collector", _checker.Observations[":1"].Reason, StringComparison.Ordinal);
        await AnswerAsync(A);
        await WhenAsync(static seen => seen.Alive == true);
    }

    [Fact]
    public async Task A_hung_shard_is_dead_at_the_threshold_though_this_process_watches_itself()
    {
        await StartAliveAsync();
        Run(Interval);
        await HangAsync();
        await HangAsync();
        await _clock.WaitBegunAsync(TimeSpan.FromMilliseconds(700));

        Run(TimeSpan.FromMilliseconds(399));
        Assert.True(_checker.Statuses[":1"].Alive);
        Run(TimeSpan.FromMilliseconds(1));

        Assert.False(_checker.Statuses[":1"].Alive);
        Assert.Equal((ProbeOutcome.TimedOut, false), (_checker.Observations[":1"].Error, _checker.Observations[":1"].IsAbstaining));
    }

    [Fact]
    public async Task All_shards_failing_at_once_can_be_told_with_since_when()
    {
        await StartAliveAsync();
        _checker.SetShards([A, B]);
        await AnswerAsync(B);
        await _clock.WaitBegunAsync(Interval);
        Run(Interval);
        foreach (var shard in new[] { A, B })
        {
            await AnswerAsync(shard, new ProbeResult(ProbeOutcome.Garbage, "told why"));
        }

        // One bad result each is no news yet.
        await _clock.WaitBegunAsync(Interval);
        await _clock.WaitBegunAsync(Interval);
        Assert.Null(ShardObservation.AllFailingSince(_checker.Observations));
        var first = (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10;
        Run(Interval);

        Assert.Equal(first, ShardObservation.AllFailingSince(_checker.Observations));
    }

    private async Task StartAliveAsync()
    {
        _checker.SetShards([A]);
        await AnswerAsync(A);
        await WhenAsync(static seen => seen.Alive == true);
        await _clock.WaitBegunAsync(Interval);
    }

    private async Task DieAsync()
    {
        Run(Interval);
        await AnswerAsync(A, new ProbeResult(ProbeOutcome.Refused, "told why"));
        await _clock.WaitBegunAsync(ShardHealth.RefusalSpacing);
        Run(ShardHealth.RefusalSpacing);
        await AnswerAsync(A, new ProbeResult(ProbeOutcome.Refused, "told why"));
        await _clock.WaitBegunAsync(Interval / 8);
        Assert.False(_checker.Statuses[":1"].Alive);
    }

    private async Task HangAsync()
    {
        await _probes[":1"].CallAsync();
        await _clock.WaitBegunAsync(Timeout);
        await _clock.WaitBegunAsync(Timeout);
        Run(Timeout);
    }

    private async Task AnswerAsync(Shard shard, ProbeResult? result = null) =>
        (await _probes[shard.Addr].CallAsync()).SetResult(result ?? new ProbeResult(ProbeOutcome.Alive) { RunId = "run1", Role = "master", Rtt = TimeSpan.FromMilliseconds(2) });

    // In steps that no heartbeat notices.
    private void Run(TimeSpan time)
    {
        var step = TimeSpan.FromMilliseconds(50);
        for (; time > step; time -= step)
        {
            _clock.Advance(step);
        }

        _clock.Advance(time);
    }

    // The feed keeps the latest only, so that several changes may be one.
    private async Task WhenAsync(Predicate<ShardObservation> holds)
    {
        while (!holds(_checker.Observations[":1"]))
        {
            Assert.True(await _changes.MoveNextAsync().AsTask().WaitAsync(Soon));
        }
    }

    private sealed class MiddleRandom : Random
    {
        public override double NextDouble() => 0.5;
    }
}
