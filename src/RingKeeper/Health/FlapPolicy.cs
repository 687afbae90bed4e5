namespace RingKeeper;

/// <summary>How a shard that goes and comes again and again is kept from doing so: each return costs the cluster the copies that the others made meanwhile.</summary>
public enum FlapPolicy
{
    /// <summary>
    /// The Go package's: a dead shard owes good answers before it is alive again, two at first, three times as many at each death, one less with
    /// each good answer; at least one and at most 10 for each second of the threshold.
    /// </summary>
    Go = 0,

    /// <summary>
    /// Each death adds 1000 to a penalty that halves every 5 minutes. A death that lifts it above 2500 holds the shard dead until it has fallen
    /// below 800, at most 20 minutes; any other shard returns on its first good answer.
    /// </summary>
    Decaying = 1,

    /// <summary>A dead shard returns on its first good answer.</summary>
    Off = 2,
}
