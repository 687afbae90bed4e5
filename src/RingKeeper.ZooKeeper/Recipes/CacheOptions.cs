namespace RingKeeper.ZooKeeper;

/// <summary>Configures a <see cref="NodeCache"/> or a <see cref="TreeCache"/>.</summary>
public sealed record CacheOptions
{
    /// <summary>Gets the longest pause before everything is looked at again after a loss of the connection; it is random between zero and this, so that clients do not all come at once (default: 200 ms).</summary>
    public TimeSpan ResyncJitter { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Gets how many reads are under way at once at most (default: 32).</summary>
    public int MaxConcurrentReads { get; init; } = 32;

    /// <summary>Gets how many changes wait for one reader at most (default: 4096). A reader that falls further behind gets one <see cref="CacheChangeType.Gap"/>.</summary>
    public int ChangeCapacity { get; init; } = 4096;

    internal static void Check(CacheOptions options)
    {
        var flaw = options.ResyncJitter < TimeSpan.Zero ? $"{nameof(ResyncJitter)} is {options.ResyncJitter}; it must not be negative"
            : options.MaxConcurrentReads < 1 ? $"{nameof(MaxConcurrentReads)} is {options.MaxConcurrentReads}; it must be 1 or more"
            : options.ChangeCapacity < 1 ? $"{nameof(ChangeCapacity)} is {options.ChangeCapacity}; it must be 1 or more"
            : null;
        if (flaw is not null)
        {
            throw new ArgumentException($"{flaw}.", nameof(options));
        }
    }
}
