using Microsoft.Extensions.Logging;

namespace RingKeeper;

/// <summary>Probes one shard over and over, and tells each change of its verdict. The rules are <see cref="ShardHealth"/>'s.</summary>
internal sealed class ProbeLoop : IAsyncDisposable
{
    // Between the starts of two probes when a disturbance calls for the second: a server that drops idle connections must not spin the loop.
    private static readonly TimeSpan LeastSpacing = TimeSpan.FromMilliseconds(50);

    private readonly Shard _shard;
    private readonly IShardProbe _probe;
    private readonly LocalCheckerOptions _options;
    private readonly SemaphoreSlim _workers;
    private readonly Func<TimeSpan> _nextInterval;
    private readonly Action<ProbeLoop, ShardVerdict> _report;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly long _origin;

    // Under _gate, with the timer that looks at it.
    private readonly ShardHealth _health;
    private ProbeResult _last;
    private ITimer? _deathTimer;
    private Task _running = Task.CompletedTask;

    // The latest probe; it may outlive its deadline by not heeding cancellation, and no second one starts beside it.
    private Task<ProbeResult>? _attempt;

    public ProbeLoop(Shard shard, IShardProbe probe, LocalCheckerOptions options, SemaphoreSlim workers, Func<TimeSpan> nextInterval, Action<ProbeLoop, ShardVerdict> report)
    {
        _shard = shard;
        _probe = probe;
        _options = options;
        _workers = workers;
        _nextInterval = nextInterval;
        _report = report;
        _origin = options.TimeProvider.GetTimestamp();
        _health = new ShardHealth(options.Threshold, TimeSpan.Zero);
    }

    public string Addr => _shard.Addr;

    private TimeSpan Now => _options.TimeProvider.GetElapsedTime(_origin);

    private ILogger Logger => _options.Logger;

    public void Start()
    {
        _deathTimer = _options.TimeProvider.CreateTimer(static loop => ((ProbeLoop)loop!).OnDeathTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _running = Task.Run(RunAsync);
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
                var start = Now;
                var result = await ProbeOnceAsync().ConfigureAwait(false);
                var next = Count(result);
                await PauseAsync(start, next).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private async Task<ProbeResult> ProbeOnceAsync()
    {
        var worker = await TryTakeWorkerAsync().ConfigureAwait(false);
        try
        {
            TimeSpan timeout;
            lock (_gate)
            {
                timeout = _health.ProbeTimeout(Now, _options.EffectiveProbeTimeout);
            }

            if (_attempt is null or { IsCompleted: true })
            {
                _attempt = AttemptAsync(timeout);
            }

            return await _attempt.WaitAsync(timeout, _options.TimeProvider, _stop.Token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return new ProbeResult(ProbeOutcome.TimedOut, "no answer");
        }
        finally
        {
            if (worker)
            {
                _workers.Release();
            }
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
            return await _probe.ProbeAsync(either.Token).ConfigureAwait(false);
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

    private NextProbe Count(ProbeResult result)
    {
        _stop.Token.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var before = _health.Verdict;
            var wasBusy = _last.Outcome == ProbeOutcome.Busy;
            _last = result;
            if (_health.OnResult(result.Outcome, Now))
            {
                Tell(before);
            }

            if (!result.IsGood)
            {
                HealthLog.ProbeFailed(Logger, Addr, result.Outcome, result.Detail);
            }
            else if (result.Outcome == ProbeOutcome.Busy && !wasBusy)
            {
                HealthLog.Busy(Logger, Addr);
            }

            ArmDeathTimer();
            return _health.Next;
        }
    }

    private void OnDeathTimer()
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            var before = _health.Verdict;
            if (_health.OnTime(Now))
            {
                Tell(before);
            }

            ArmDeathTimer();
        }
    }

    // A timer may fire a little early; never arm it for no time at all.
    private void ArmDeathTimer()
    {
        var least = TimeSpan.FromMilliseconds(1);
        var left = _health.DeathDue - Now;
        _deathTimer!.Change(left is null ? Timeout.InfiniteTimeSpan : left > least ? left.Value : least, Timeout.InfiniteTimeSpan);
    }

    private void Tell(ShardVerdict before)
    {
        if (before == ShardVerdict.Abstaining)
        {
            HealthLog.Resumed(Logger, Addr);
        }

        switch (_health.Verdict)
        {
            case ShardVerdict.Alive:
                HealthLog.Alive(Logger, Addr);
                break;
            case ShardVerdict.Dead:
                HealthLog.Dead(Logger, Addr, _last.Outcome, _last.Detail, _health.AnswersToReturn);
                break;
            case ShardVerdict.Abstaining:
                HealthLog.Misconfigured(Logger, Addr, _last.Detail?.TrimEnd('.'));
                break;
        }

        _report(this, _health.Verdict);
    }

    private async Task PauseAsync(TimeSpan start, NextProbe next)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var time = _options.TimeProvider;
        var pause = next switch
        {
            NextProbe.AtOnce => TimeSpan.Zero,
            NextProbe.AfterRefusal => ShardHealth.RefusalSpacing,
            _ => start + _nextInterval() - Now,
        };
        if (pause <= TimeSpan.Zero)
        {
            return;
        }

        var delay = Task.Delay(pause, time, end.Token);
        var disturbance = next == NextProbe.AfterInterval ? WatchAsync(end.Token) : delay;
        await Task.WhenAny(delay, disturbance).ConfigureAwait(false);
        if (!delay.IsCompleted && start + LeastSpacing - Now is var rest && rest > TimeSpan.Zero)
        {
            await Task.WhenAny(delay, Task.Delay(rest, time, end.Token)).ConfigureAwait(false);
        }

        await end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(delay, disturbance).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

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
