namespace RingKeeper.Simulator;

/// <summary>Time as one process sees it: a steady clock, a wall clock that is off by what its host's is, and timers that a paused process does not hear.</summary>
internal sealed class ProcessClock(Agenda agenda, SimulatedProcess process, Func<TimeSpan> offset) : TimeProvider
{
    /// <summary>The wall clock of a host whose clock is right, when the simulation starts.</summary>
    public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    // Never zero, which stands for never in many places.
    public override long GetTimestamp() => agenda.Now + TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Start + agenda.Elapsed + offset();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(agenda, process, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(Agenda agenda, SimulatedProcess process, Action fire) : ITimer
    {
        private int _setting;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var setting = ++_setting;
            if (dueTime >= TimeSpan.Zero)
            {
                agenda.After(dueTime, () => Due(setting, period));
            }

            return true;
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Due(int setting, TimeSpan period)
        {
            if (setting != _setting)
            {
                return;
            }

            process.Deliver(() =>
            {
                if (setting == _setting)
                {
                    fire();
                    if (setting == _setting && period > TimeSpan.Zero)
                    {
                        agenda.After(period, () => Due(setting, period));
                    }
                }
            });
        }
    }
}
