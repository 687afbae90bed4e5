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
}
