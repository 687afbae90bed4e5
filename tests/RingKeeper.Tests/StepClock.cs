using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace RingKeeper.Tests;

/// <summary>Virtual time that tells when code under test has begun to wait for it, so that a test advances it only then.</summary>
internal sealed class StepClock : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            _waits.Writer.TryWrite(dueTime);
        }

        return timer;
    }

    /// <summary>Returns when a wait of exactly this length has begun; waits that began earlier are forgotten.</summary>
    public Task WaitBegunAsync(TimeSpan length) => WaitBegunAsync(begun => begun == length);

    /// <summary>Returns when a wait that satisfies the condition has begun; waits that began earlier are forgotten.</summary>
    public async Task WaitBegunAsync(Predicate<TimeSpan> condition)
    {
        while (!condition(await _waits.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20))))
        {
        }
    }
}
