namespace RingKeeper;

/// <summary>The sensors of this very process.</summary>
internal sealed class SelfSensors
{
    private readonly TimeProvider _time;
    private readonly Action<Action> _queue;
    private readonly Func<bool> _hasBacklog;
    private TimeSpan _gcPauses = GC.GetTotalPauseDuration();

    // A timestamp while an item waits for its thread, else 0.
    private long _queued;
    private long _delay;

    /// <param name="time">The source of time.</param>
    /// <param name="queue">What runs an item as everything else in this process is run (default: the thread pool).</param>
    /// <param name="hasBacklog">Whether anything waits there (default: as the thread pool says). While nothing does, no item is sent: it would wake a thread at each beat.</param>
    public SelfSensors(TimeProvider time, Action<Action>? queue = null, Func<bool>? hasBacklog = null)
    {
        _time = time;
        _hasBacklog = hasBacklog ?? (static () => ThreadPool.PendingWorkItemCount > 0);
        _queue = queue ?? (static item => ThreadPool.UnsafeQueueUserWorkItem(static item => item(), item, preferLocal: false));
    }

    /// <summary>Reads them since the last call; one call at a time.</summary>
    public SelfReading Read()
    {
        var gcPauses = GC.GetTotalPauseDuration();
        var queued = Volatile.Read(ref _queued);
        var reading = new SelfReading(gcPauses - _gcPauses, queued == 0 ? new TimeSpan(Interlocked.Exchange(ref _delay, 0)) : _time.GetElapsedTime(queued));
        _gcPauses = gcPauses;
        if (queued == 0 && _hasBacklog())
        {
            Volatile.Write(ref _queued, _time.GetTimestamp());
            _queue(OnRun);
        }

        return reading;
    }

    private void OnRun()
    {
        Volatile.Write(ref _delay, _time.GetElapsedTime(Volatile.Read(ref _queued)).Ticks);
        Volatile.Write(ref _queued, 0);
    }
}
