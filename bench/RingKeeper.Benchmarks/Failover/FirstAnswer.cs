using System.Diagnostics;

namespace RingKeeper.Benchmarks;

/// <summary>Times a client's first good answer.</summary>
internal static class FirstAnswer
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The seconds on the clock when the first attempt succeeded. One starts every 5 ms whatever became of those before: a request that hangs
    /// at a lost server keeps no other from finding the way, as in an application with many.
    /// </summary>
    public static async Task<double> TimeAsync(Stopwatch clock, string who, Func<Task<bool>> attempt)
    {
        var found = new TaskCompletionSource<double>(TaskCreationOptions.RunContinuationsAsynchronously);
        var attempts = new List<Task>();
        while (!found.Task.IsCompleted)
        {
            if (clock.Elapsed > Patience)
            {
                throw new TimeoutException($"{who}: no good answer within {Patience}.");
            }

            attempts.Add(TryAsync());
            await Task.WhenAny(found.Task, Task.Delay(Pace, TimeProvider.System));
        }

        // None may write into the next round.
        await Task.WhenAll(attempts);
        return await found.Task;

        async Task TryAsync()
        {
            if (await attempt())
            {
                found.TrySetResult(clock.Elapsed.TotalSeconds);
            }
        }
    }
}
