namespace RingKeeper.Cli.Demo;

/// <summary>What a demo measured; all times in milliseconds.</summary>
internal sealed record DemoReport
{
    /// <summary>Gets what the demo ran on.</summary>
    public required string Servers { get; init; }

    /// <summary>Gets the time from a shard's death until the checkers' decision reached a client.</summary>
    public double? DetectedMs { get; init; }

    /// <summary>Gets the time from a shard's death until one of its keys was written and read back elsewhere.</summary>
    public double? FailoverMs { get; init; }

    /// <summary>Gets the time from the shard's restart until one of its keys was written and read back there.</summary>
    public double? ReturnMs { get; init; }

    /// <summary>Gets the time from the order to add a shard until one of its keys was written and read back there.</summary>
    public double? AddMs { get; init; }

    /// <summary>Gets the time from the order to remove it until that key was written and read back elsewhere.</summary>
    public double? RemoveMs { get; init; }

    public double Seconds { get; init; }

    public long Operations { get; init; }

    public long Writes { get; init; }

    public long WritesRefused { get; init; }

    public long FreshReads { get; init; }

    public long Misses { get; init; }

    /// <summary>Gets the copies of an earlier epoch that were met, and taken for misses.</summary>
    public long OutdatedCopiesRefused { get; init; }

    /// <summary>Gets the older values read under a view that had not yet seen the change; the promise allows these.</summary>
    public long LaggingReads { get; init; }

    public long Errors { get; init; }

    public IReadOnlyDictionary<string, long> ErrorsByType { get; init; } = new Dictionary<string, long>();

    public long StaleReads { get; init; }

    public long WrongReads { get; init; }

    /// <summary>Gets up to ten stale or wrong reads, described.</summary>
    public IReadOnlyList<string> Broken { get; init; } = [];

    public bool Ok { get; init; }
}
