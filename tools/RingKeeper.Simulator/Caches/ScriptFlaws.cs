namespace RingKeeper.Simulator.Caches;

/// <summary>What a mutant leaves out of the write scripts.</summary>
[Flags]
internal enum ScriptFlaws
{
    None = 0,

    /// <summary>A writer with an older view is not refused.</summary>
    StaleWriterPasses = 1,

    /// <summary>A check-and-set passes where there is no copy, as in the Go package.</summary>
    MissingCopyPasses = 2,

    /// <summary>A fill leaves no intent: it puts its copy wherever nothing is.</summary>
    IntentsAreForgotten = 4,

    /// <summary>Who writes leaves no mark on the shard that served the key before.</summary>
    TombstonesAreForgotten = 8,
}
