using System.Diagnostics;

namespace RingKeeper.Benchmarks;

/// <summary>One thing to measure.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Operations">How many operations one call does.</param>
/// <param name="Call">Does them; is told how often it was called before.</param>
internal sealed record Work(string Name, int Operations, Func<int, long> Call)
{
    private int _calls;

    public long Do() => Call(_calls++);
}

/// <summary>What was measured, a single operation.</summary>
/// <param name="Nanoseconds">The median of the rounds.</param>
/// <param name="Least">The fastest round.</param>
/// <param name="Most">The slowest round.</param>
/// <param name="Bytes">What it allocated.</param>
internal sealed record Figure(double Nanoseconds, double Least, double Most, long Bytes);

/// <summary>
/// Times pieces of work in turn, a tenth of a millisecond each, over many rounds: whatever else the machine does strikes all of them alike, and most
/// rounds are over before another program gets the processor.
/// </summary>
internal static class Meter
{
    private const int Rounds = 501;
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(0.1);
    private static long s_sink;

    public static async Task<IReadOnlyDictionary<string, Figure>> MeasureAsync(params Work[] works)
    {
        var calls = await WarmUpAsync(works);
        var times = works.ToDictionary(static work => work.Name, static _ => new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < works.Length; i++)
            {
                times[works[i].Name].Add(Time(works[i], calls[i]));
            }
        }

        return works.Select((work, i) => (work.Name, Figure: Describe(times[work.Name], Allocated(work, calls[i])))).ToDictionary(static pair => pair.Name, static pair => pair.Figure);
    }

    public static Figure Describe(List<double> times, long bytes)
    {
        times.Sort();
        return new Figure(times[times.Count / 2], times[0], times[^1], bytes);
    }

    // The runtime compiles hot code again in the background, 100 ms after it was last busy compiling: work, rest, and work again until that is over.
    private static async Task<int[]> WarmUpAsync(Work[] works)
    {
        var calls = new int[works.Length];
        for (var pass = 0; pass < 3; pass++)
        {
            for (var i = 0; i < works.Length; i++)
            {
                var start = Stopwatch.GetTimestamp();
                for (calls[i] = 0; calls[i] < 40 || Stopwatch.GetElapsedTime(start) < Slice; calls[i]++)
                {
                    s_sink += works[i].Do();
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }

        for (var i = 0; i < works.Length; i++)
        {
            calls[i] = Math.Max(1, (int)(Slice.TotalNanoseconds / (Time(works[i], 8) * works[i].Operations)));
        }

        return calls;
    }

    private static double Time(Work work, int calls)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < calls; i++)
        {
            s_sink += work.Do();
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / calls / work.Operations;
    }

    // Rounded up: one object in a thousand operations is not nothing.
    private static long Allocated(Work work, int calls)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Time(work, calls);
        var operations = (long)calls * work.Operations;
        return (GC.GetAllocatedBytesForCurrentThread() - before + operations - 1) / operations;
    }
}
