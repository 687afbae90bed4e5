using Microsoft.Extensions.Time.Testing;
using RingKeeper.IntegrationTests.Coordination;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>Virtual time that tells when somebody begins to wait for it.</summary>
internal sealed class TimerWatch(DateTimeOffset start) : FakeTimeProvider(start)
{
    private readonly TaskCompletionSource _timer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with the first timer.</summary>
    public Task WhenTimerAsync() => _timer.Task.WaitAsync(Cancel.Soon);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _timer.TrySetResult();
        return timer;
    }
}
