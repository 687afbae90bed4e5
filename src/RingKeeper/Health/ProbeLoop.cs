using Microsoft.Extensions.Logging;

namespace RingKeeper;

/// <summary>Probes one shard over and over, and tells each change of what is known of it. The rules are <see cref="ShardHealth"/>'s.</summary>
internal sealed class ProbeLoop : IAsyncDisposable
{
    // Between the starts of two probes when a disturbance calls for the second: a server that drops idle connections must not spin the loop. Twice as
    // long for each time in a row that the connection did not even last so long.
    private static readonly TimeSpan LeastSpacing = TimeSpan.FromMilliseconds(50);
    private const int MostDoublings = 20;

    private readonly Shard _shard;
    private readonly IShardProbe _probe;
    private readonly LocalCheckerOptions _options;
    private readonly SemaphoreSlim _workers;
    private readonly SelfWatch _self;
    private readonly Func<TimeSpan> _nextInterval;
    private readonly Action<ProbeLoop, ShardObservation, ShardVerdict> _report;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();

    // Under _gate, with the timer that looks at them.
    private readonly ShardHealth _health;
    private readonly ShardNotes _notes;
    private ITimer? _deathTimer;

    private Task _running = Task.CompletedTask;
    private long _probedAt;
    private int _shortLives;

    // Completed when the next probe must not wait; a new one for each probe.
    private TaskCompletionSource _nudge = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The latest probe and when it began; it may outlive its deadline by not heeding cancellation, and no second one starts beside it.
    private Task<ProbeResult>? _attempt;
    private TimeSpan _attemptStart;

    public ProbeLoop(
        Shard shard,
        IShardProbe probe,
        LocalCheckerOptions options,
        FlapPolicy flapPolicy,
        SemaphoreSlim workers,
        SelfWatch self,
        Func<TimeSpan> nextInterval,
        Action<ProbeLoop, ShardObservation, ShardVerdict> report)
    {
        _shard = shard;
        _probe = probe;
        _options = options;
        _workers = workers;
        _self = self;
        _nextInterval = nextInterval;
        _report = report;
        _health = new ShardHealth(options.Threshold, self.Now, flapPolicy, self.Look());
        _notes = new ShardNotes(shard.Addr, _health, options.Interval, self);
    }

    public string Addr => _shard.Addr;

    private TimeSpan Now => _self.Now;

    private ILogger Logger => _options.Logger;

    public void Start()
    {
        _deathTimer = _options.TimeProvider.CreateTimer(static loop => ((ProbeLoop)loop!).OnDeathTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _running = Task.Run(RunAsync);
    }

    /// <summary>What is known now, with the time of the last probe and the round trips as they are.</summary>
    public ShardObservation Observe()
    {
        lock (_gate)
        {
            return _notes.Describe() with { ProbedAt = Volatile.Read(ref _probedAt) };
        }
    }

    /// <summary>Changes what a return takes.</summary>
    public void SetFlapPolicy(FlapPolicy policy)
    {
        lock (_gate)
        {
            _health.FlapPolicy = policy;
            Report();
        }
    }

    /// <summary>This process was paused: what was seen before proves nothing any more, and the shard is asked at once.</summary>
    public void OnPause()
    {
        LookAtTime();
        Volatile.Read(ref _nudge).TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        if (_deathTimer is not null)
        {
            await _deathTimer.DisposeAsync().ConfigureAwait(false);
        }

        await _probe.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                Volatile.Write(ref _nudge, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                var start = Now;
                var (result, began) = await ProbeOnceAsync().ConfigureAwait(false);
                var next = Count(result, began);
                await PauseAsync(start, next).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    // With the time from which on the result says something.
    private async Task<(ProbeResult Result, TimeSpan Began)> ProbeOnceAsync()
    {
        var worker = await TryTakeWorkerAsync().ConfigureAwait(false);
        var wait = Now;
        try
        {
            // The last probe may heed its deadline only now. That was counted when the deadline passed, so ask anew; or it heeds none and brings an answer late.
            if (_attempt is { IsCompleted: false } late
                && await late.WaitAsync(TimeoutNow(), _options.TimeProvider, _stop.Token).ConfigureAwait(false) is { Outcome: not ProbeOutcome.TimedOut } result)
            {
                return (result, _attemptStart);
            }

            var timeout = TimeoutNow();
            _attemptStart = Now;
            _attempt = AttemptAsync(timeout);
            return (await _attempt.WaitAsync(timeout, _options.TimeProvider, _stop.Token).ConfigureAwait(false), _attemptStart);
        }
        catch (TimeoutException)
        {
            // Of a probe that outlives its deadline only this last wait was in vain.
            return (new ProbeResult(ProbeOutcome.TimedOut, "no answer"), wait);
        }
        finally
        {
            if (worker)
            {
                _workers.Release();
            }
        }
    }

    private TimeSpan TimeoutNow()
    {
        lock (_gate)
        {
            return _options.ProbeTimeout is { } exactly
                ? _health.ProbeTimeout(Now, exactly, adapts: false)
                : _health.ProbeTimeout(Now, _options.EffectiveProbeTimeout);
        }
    }

    // All workers may be busy with hung shards: a verdict must not wait for theirs.
    private async Task<bool> TryTakeWorkerAsync()
    {
        if (_workers.Wait(TimeSpan.Zero, _stop.Token))
        {
            return true;
        }

        using var patience = new CancellationTokenSource(_options.Threshold / 10, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _stop.Token);
        try
        {
            await _workers.WaitAsync(either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<ProbeResult> AttemptAsync(TimeSpan timeout)
    {
        using var deadline = new CancellationTokenSource(timeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stop.Token);
        try
        {
            var result = await _probe.ProbeAsync(either.Token).ConfigureAwait(false);
            return result.Rtt is null ? result with { Rtt = Now - _attemptStart } : result;
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return new ProbeResult(ProbeOutcome.TimedOut, "no answer");
        }
        catch (Exception exception)
        {
            return new ProbeResult(ProbeOutcome.Failed, exception.Message);
        }
    }

    private NextProbe Count(ProbeResult result, TimeSpan began)
    {
        _stop.Token.ThrowIfCancellationRequested();
        lock (_gate)
        {
            Volatile.Write(ref _probedAt, _options.TimeProvider.GetTimestamp());
            var attention = _self.Look();
            _health.OnResult(result.Outcome, Now, began, result.Rtt, attention);
            _notes.Take(result, attention);
            _notes.Tell(Logger);
            if (!result.IsGood)
            {
                HealthLog.ProbeFailed(Logger, Addr, result.Outcome, result.Detail);
            }

            Report();
            ArmDeathTimer();
            return _health.Next;
        }
    }

    private void OnDeathTimer() => LookAtTime();

    private void LookAtTime()
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            // Asked here and not before: whatever made this timer late, the answer knows of it.
            var attention = _self.Look();
            if (_health.OnTime(Now, attention))
            {
                _notes.Take(null, attention);
                _notes.Tell(Logger);
                Report();
            }

            ArmDeathTimer();
        }
    }

    // A timer may fire a little early; never arm it for no time at all.
    private void ArmDeathTimer()
    {
        var least = TimeSpan.FromMilliseconds(1);
        var left = _health.Due - Now;
        _deathTimer!.Change(left is null ? Timeout.InfiniteTimeSpan : left > least ? left.Value : least, Timeout.InfiniteTimeSpan);
    }

    private void Report() => _report(this, _notes.Describe() with { ProbedAt = Volatile.Read(ref _probedAt) }, _health.Standing);

    private async Task PauseAsync(TimeSpan start, NextProbe next)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var time = _options.TimeProvider;
        var pause = next switch
        {
            NextProbe.AtOnce => TimeSpan.Zero,
            NextProbe.AfterRefusal => ShardHealth.RefusalSpacing,
            NextProbe.WhileDead => start + _options.WhileDeadInterval - Now,
            _ => start + _nextInterval() - Now,
        };
        if (pause <= TimeSpan.Zero)
        {
            return;
        }

        var delay = Task.Delay(pause, time, end.Token);
        var disturbance = next == NextProbe.AfterInterval ? WatchAsync(end.Token) : delay;
        var nudge = Volatile.Read(ref _nudge).Task;
        var first = await Task.WhenAny(delay, disturbance, nudge).ConfigureAwait(false);
        if (first == nudge)
        {
            await Task.WhenAny(delay, Task.Delay(Rest(start, LeastSpacing), time, end.Token)).ConfigureAwait(false);
        }
        else
        {
            var rest = delay.IsCompleted ? TimeSpan.Zero : Rest(start, LeastSpacing * Math.Pow(2, _shortLives));
            _shortLives = rest > TimeSpan.Zero ? Math.Min(_shortLives + 1, MostDoublings) : 0;
            await Task.WhenAny(delay, nudge, Task.Delay(rest, time, end.Token)).ConfigureAwait(false);
        }

        await end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(delay, disturbance).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private TimeSpan Rest(TimeSpan start, TimeSpan spacing) => start + spacing - Now is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero;

    // Ends only on a disturbance or when cancelled: a watch that fails is no reason to probe.
    private async Task WatchAsync(CancellationToken end)
    {
        try
        {
            await _probe.WaitForDisturbanceAsync(end).WaitAsync(end).ConfigureAwait(false);
        }
        catch (Exception exception) when (!end.IsCancellationRequested)
        {
            HealthLog.ProbeFailed(Logger, Addr, ProbeOutcome.Failed, exception.Message);
            await Task.Delay(Timeout.InfiniteTimeSpan, _options.TimeProvider, end).ConfigureAwait(false);
        }
    }
}
