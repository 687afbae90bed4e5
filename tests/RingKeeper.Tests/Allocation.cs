namespace RingKeeper.Tests;

/// <summary>Measures what a call allocates on this thread.</summary>
internal static class Allocation
{
    private const int Calls = 20_000;

    /// <summary>
    /// Bytes allocated by each of many calls. The same calls run once before, so that what the runtime loads at the first use of a branch
    /// is not counted. What it allocates once when it compiles a hot loop anew, on this very thread and at a time of its choosing, is a few
    /// thousand bytes and not a call's; an object is 24 bytes at the least, so even one in twenty calls shows.
    /// </summary>
    public static long PerCall(Action<int> call)
    {
        Run(call);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(call);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Calls;
    }

    private static void Run(Action<int> call)
    {
        for (var i = 0; i < Calls; i++)
        {
            call(i);
        }
    }
}
