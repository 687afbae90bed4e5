namespace RingKeeper;

/// <summary>What a cluster's options say of copies, the same for all who read and write them.</summary>
/// <param name="ClockTolerance">By how much clocks may differ; for copies in the format of the Go package.</param>
/// <param name="WarmReturn">For how long a miss may be filled from the shard that served the key before; null for never.</param>
internal sealed record CopyRules(TimeSpan ClockTolerance, TimeSpan? WarmReturn)
{
    public static readonly CopyRules Default = new(TimeSpan.FromMilliseconds(250), null);

    public static CopyRules Of(ZKClusterOptions options) => new(options.ClockTolerance ?? Default.ClockTolerance, options.WarmReturn);
}
