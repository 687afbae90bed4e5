namespace RingKeeper.Cli.Balance;

/// <summary>Keeps the keys that are read to a rate, over all shards together. Safe for concurrent use.</summary>
/// <param name="keysPerSecond">The rate.</param>
/// <param name="time">The source of time.</param>
internal sealed class ScanPace(int keysPerSecond, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _free;

    /// <summary>Gets the rate; no more than this should be asked for at once.</summary>
    public int KeysPerSecond => keysPerSecond;

    /// <summary>Waits until so many keys may be read.</summary>
    public Task WaitAsync(int keys, CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_gate)
        {
            // What was not used is not made up for: no burst follows a pause.
            var now = time.GetElapsedTime(_start);
            var at = _free > now ? _free : now;
            _free = at + TimeSpan.FromSeconds((double)keys / keysPerSecond);
            wait = at - now;
        }

        return wait > TimeSpan.Zero ? Task.Delay(wait, time, cancellationToken) : Task.CompletedTask;
    }
}
