namespace RingKeeper;

/// <summary>The last round trips of a shard, and the deadline of a probe that follows from them. Pure.</summary>
/// <remarks>
/// The phi accrual failure detector (Hayashibara et al., 2004) turned round, as Orleans does it: instead of how unlikely a silence is, the time after
/// which it is as unlikely as phi = 8 says, one in 10^8 if round trips were normally distributed. They are not, so the deviation counts as at least a
/// quarter of the mean, and a deadline decides nothing but when to ask again.
/// </remarks>
internal sealed class RttHistory
{
    /// <summary>How many round trips there must be before they say anything.</summary>
    public const int Needed = 4;

    /// <summary>The number of standard deviations at which phi is 8.</summary>
    public const double Deviations = 5.612;

    private const int Size = 100;

    /// <summary>No deadline that follows from the history is shorter, unless the longest allowed is.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromMilliseconds(250);

    private readonly Queue<long> _ticks = new(Size);

    public TimeSpan? Mean => _ticks.Count == 0 ? null : new TimeSpan((long)_ticks.Average());

    public TimeSpan? Deviation
    {
        get
        {
            if (_ticks.Count < 2)
            {
                return null;
            }

            var mean = _ticks.Average();
            return new TimeSpan((long)Math.Sqrt(_ticks.Sum(ticks => (ticks - mean) * (ticks - mean)) / (_ticks.Count - 1)));
        }
    }

    public void Add(TimeSpan rtt)
    {
        if (_ticks.Count == Size)
        {
            _ticks.Dequeue();
        }

        _ticks.Enqueue(Math.Max(0, rtt.Ticks));
    }

    /// <summary>clamp(mean + 5.612 · max(deviation, mean/4), min(250 ms, most), most); before there are enough round trips, most.</summary>
    public TimeSpan Timeout(TimeSpan most)
    {
        if (_ticks.Count < Needed || most <= Least)
        {
            return most;
        }

        var mean = (double)Mean!.Value.Ticks;
        var ticks = mean + (Deviations * Math.Max(Deviation!.Value.Ticks, mean / 4));
        return ticks >= most.Ticks ? most : new TimeSpan(Math.Max((long)ticks, Least.Ticks));
    }
}
