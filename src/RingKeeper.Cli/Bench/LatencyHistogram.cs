using System.Numerics;

namespace RingKeeper.Cli.Bench;

/// <summary>Counts times in buckets that grow with the time, each at most 1/64 wide of where it begins. Of a fixed size; recording allocates nothing. Not safe for concurrent use.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 6;
    private const int Subs = 1 << SubBits;
    private const int MostBits = 40;

    // In ticks of 100 ns; the first 128 buckets hold one tick each.
    private readonly long[] _counts = new long[(MostBits - SubBits + 1) * Subs];

    public long Count { get; private set; }

    public TimeSpan Max { get; private set; }

    public void Record(TimeSpan time)
    {
        var ticks = Math.Clamp(time.Ticks, 0, (1L << MostBits) - 1);
        _counts[IndexOf(ticks)]++;
        Count++;
        Max = time > Max ? time : Max;
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
        Max = other.Max > Max ? other.Max : Max;
    }

    /// <summary>The time that a part of all took at most, to within 1.6 %; zero where nothing was recorded.</summary>
    public TimeSpan Percentile(double part)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(part * Count));
        var seen = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
            {
                return TimeSpan.FromTicks(Math.Min(EndOf(i), Max.Ticks));
            }
        }

        return Max;
    }

    private static int IndexOf(long ticks)
    {
        var shift = ticks < 2 * Subs ? 0 : BitOperations.Log2((ulong)ticks) - SubBits;
        return (shift << SubBits) + (int)(ticks >> shift);
    }

    // The last tick that falls into a bucket.
    private static long EndOf(int index)
    {
        if (index < 2 * Subs)
        {
            return index;
        }

        var shift = (index >> SubBits) - 1;
        return (((index & (Subs - 1)) + Subs + 1L) << shift) - 1;
    }
}
