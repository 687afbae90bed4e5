namespace RingKeeper;

/// <summary>The sensors of this very process.</summary>
internal sealed class SelfSensors(TimeProvider time)
{
    private TimeSpan _gcPauses = GC.GetTotalPauseDuration();

    // A timestamp while an item waits for its thread, else 0.
    private long _queued;
    private long _delay;

    /// <summary>Reads them since the last call; one call at a time.</summary>
    public SelfReading Read()
    {
        var gcPauses = GC.GetTotalPauseDuration();
        var queued = Volatile.Read(ref _queued);
        var reading = new SelfReading(gcPauses - _gcPauses, queued == 0 ? new TimeSpan(Interlocked.Exchange(ref _delay, 0)) : time.GetElapsedTime(queued));
        _gcPauses = gcPauses;
        if (queued == 0)
        {
            Volatile.Write(ref _queued, time.GetTimestamp());
            ThreadPool.UnsafeQueueUserWorkItem(static sensors => sensors.OnRun(), this, preferLocal: false);
        }

        return reading;
    }

    private void OnRun()
    {
        Volatile.Write(ref _delay, time.GetElapsedTime(Volatile.Read(ref _queued)).Ticks);
        Volatile.Write(ref _queued, 0);
    }
}
