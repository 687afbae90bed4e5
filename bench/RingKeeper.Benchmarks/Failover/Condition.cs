using System.Diagnostics;

namespace RingKeeper.Benchmarks;

/// <summary>Waits for what a server says of itself; there is nothing to await there.</summary>
internal static class Condition
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    // Sentinel needs about ten seconds to take in a primary that came back as a replica.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Waits until nothing is missing.</summary>
    /// <param name="what">What is waited for, for the message.</param>
    /// <param name="missing">Says what is missing; null when nothing is.</param>
    public static async Task WaitAsync(string what, Func<Task<string?>> missing)
    {
        var clock = Stopwatch.StartNew();
        while (await missing() is { } lack)
        {
            if (clock.Elapsed > Patience)
            {
                throw new TimeoutException($"{what}: not within {Patience}, since {lack}.");
            }

            await Task.Delay(Pace, TimeProvider.System);
        }
    }
}
