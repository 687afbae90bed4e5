using System.Globalization;

namespace RingKeeper;

/// <summary>
/// Tells from a heartbeat when this process stood still. Time that it did not attend to is no silence of a shard: short stalls only move what is due
/// by their length; a pause makes everything worthless that was seen before its end. Pure: times are handed in, counted from one origin.
/// </summary>
internal sealed class SelfDistrustPolicy
{
    private readonly TimeSpan _least;
    private readonly TimeSpan _limit;
    private TimeSpan _last;
    private Attention _attention;

    public SelfDistrustPolicy(TimeSpan threshold, TimeSpan now)
    {
        Period = TimeSpan.FromTicks(Math.Clamp((threshold / 10).Ticks, 50 * TimeSpan.TicksPerMillisecond, 250 * TimeSpan.TicksPerMillisecond));
        _least = Greater(threshold / 20, TimeSpan.FromMilliseconds(100));
        _limit = Greater(threshold / 2, TimeSpan.FromMilliseconds(500));
        _last = now;
    }

    /// <summary>The time between two beats: threshold/10, from 50 to 250 ms.</summary>
    public TimeSpan Period { get; }

    /// <summary>The stall from which on it counts: max(threshold/20, 100 ms). Below, it is the jitter of any busy machine.</summary>
    public TimeSpan Least => _least;

    /// <summary>The pause from which on this process distrusts itself: max(threshold/2, 500 ms).</summary>
    public TimeSpan Limit => _limit;

    /// <summary>Takes one beat, which was due one period after the last one.</summary>
    public Attention OnBeat(TimeSpan at, SelfReading reading)
    {
        var gap = at - _last;
        var late = gap - Period;
        _last = at;
        if (reading.GcPause > late || reading.PoolDelay > late)
        {
            return reading.GcPause > reading.PoolDelay
                ? Stall(reading.GcPause, gap, at, "the garbage collector held it")
                : Stall(reading.PoolDelay, gap, at, "work waited for a thread of the pool");
        }

        return Stall(late, gap, at, "it stood still");
    }

    /// <summary>
    /// Judges between two beats, for whoever is about to conclude something from silence: after a pause, its timer may well fire before the beat that
    /// is as late.
    /// </summary>
    public Attention Look(TimeSpan at)
    {
        var gap = at - _last;
        var late = gap - Period;
        if (late >= _least)
        {
            // Counted here, and so not again by the beat.
            _last = at;
            return Stall(late, gap, at, "it stood still");
        }

        return _attention;
    }

    private Attention Stall(TimeSpan stall, TimeSpan gap, TimeSpan at, string what)
    {
        if (stall < _least)
        {
            return _attention;
        }

        // A delay may have begun before the last beat, and was counted then.
        _attention = _attention with { Lost = _attention.Lost + (stall < gap ? stall : gap) };
        if (stall >= _limit)
        {
            _attention = _attention with { PausedUntil = at, Reason = string.Create(CultureInfo.InvariantCulture, $"this process was paused for {stall.TotalSeconds:0.0} s: {what}") };
        }

        return _attention;
    }

    private static TimeSpan Greater(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
