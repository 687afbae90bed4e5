namespace RingKeeper;

/// <summary>Bounds how many fills begin in a second. Safe for concurrent use, takes no lock.</summary>
/// <param name="perSecond">How many.</param>
/// <param name="time">The clock.</param>
internal sealed class FillRate(int perSecond, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    // The second, and how many began in it.
    private long _window;

    public bool TryBegin()
    {
        var second = (long)time.GetElapsedTime(_start).TotalSeconds;
        while (true)
        {
            var window = Volatile.Read(ref _window);
            var begun = window >> 32 == second ? window & uint.MaxValue : 0;
            if (begun >= perSecond)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _window, (second << 32) | (begun + 1), window) == window)
            {
                return true;
            }
        }
    }
}
