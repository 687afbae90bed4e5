using System.Collections.Concurrent;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>Remembers when this process last prolonged a copy's life, so that it does at most once in a quarter of the window. Safe for concurrent use.</summary>
internal sealed class SlidingTouches(TimeProvider time)
{
    private const int FirstSweep = 1024;

    private readonly ConcurrentDictionary<RedisKey, long> _nextDue = new();
    private int _sweepAt = FirstSweep;

    /// <summary>Gets how many keys are remembered.</summary>
    public int Count => _nextDue.Count;

    /// <summary>Tells whether a copy's life is to be prolonged now; to one caller alone.</summary>
    /// <param name="key">The key on the shard.</param>
    /// <param name="windowMilliseconds">The copy's window.</param>
    public bool IsDue(in RedisKey key, uint windowMilliseconds)
    {
        var now = Now();
        var next = now + QuarterOf(windowMilliseconds);
        if (_nextDue.TryGetValue(key, out var due))
        {
            // A copy with a shorter window may have taken the place of one with a longer.
            return (now >= due || next < due) && _nextDue.TryUpdate(key, next, due);
        }

        if (!_nextDue.TryAdd(key, next))
        {
            return false;
        }

        SweepIfLarge(now);
        return true;
    }

    private static long QuarterOf(uint windowMilliseconds) => windowMilliseconds * TimeSpan.TicksPerMillisecond / 4;

    private long Now() => time.GetElapsedTime(0, time.GetTimestamp()).Ticks;

    // What is due is known without being remembered.
    private void SweepIfLarge(long now)
    {
        var limit = Volatile.Read(ref _sweepAt);
        if (_nextDue.Count < limit || Interlocked.CompareExchange(ref _sweepAt, int.MaxValue, limit) != limit)
        {
            return;
        }

        foreach (var entry in _nextDue)
        {
            if (entry.Value <= now)
            {
                _nextDue.TryRemove(entry);
            }
        }

        Volatile.Write(ref _sweepAt, Math.Max(FirstSweep, 2 * _nextDue.Count));
    }
}
