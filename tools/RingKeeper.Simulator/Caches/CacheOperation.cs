namespace RingKeeper.Simulator.Caches;

/// <summary>One call of a client to its cache.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Key">The number of the key.</param>
/// <param name="Started">When it began.</param>
internal sealed record CacheOperation(CacheOperationKind Kind, int Key, long Started)
{
    private static readonly AsyncLocal<CacheOperation?> Running = new();

    /// <summary>The one that the code now running belongs to.</summary>
    public static CacheOperation? Current
    {
        get => Running.Value;
        set => Running.Value = value;
    }

    /// <summary>The number of what it writes; 0 for a read.</summary>
    public long Number { get; init; }

    /// <summary>For how long its client stops between the look at its view and the sending.</summary>
    public TimeSpan Stall { get; init; }

    /// <summary>A check-and-set: the number of the copy that its token names; 0 for none.</summary>
    public long Replaces { get; init; }

    /// <summary>The view that it was last routed by, as it was before a mutant spoiled it.</summary>
    public ClusterView? View { get; set; }

    /// <summary>The shard that it was last routed to.</summary>
    public string? Addr { get; set; }

    /// <summary>The order number of what was executed on the shard when it last read there.</summary>
    public long ExecutedAt { get; set; }

    /// <summary>What it left on a shard; null where nothing.</summary>
    public RegisterWrite? Write { get; set; }

    /// <summary>A check-and-set that was applied: what it took the place of; 0 for nothing.</summary>
    public long Replaced { get; set; }

    /// <summary>A check-and-set that was applied in the place of a value: the epoch of that.</summary>
    public long ReplacedEpoch { get; set; }
}

/// <summary>What a client does with its cache.</summary>
internal enum CacheOperationKind
{
    Read,
    Write,
    CheckAndSet,
    Remove,
}
