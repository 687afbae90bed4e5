namespace RingKeeper;

/// <summary>What a write came to.</summary>
internal enum WriteOutcome
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>The copy there was written under a later epoch than the writer's view knows.</summary>
    StaleView,

    /// <summary>The copy there is not the one that the token names.</summary>
    Changed,

    /// <summary>What is there was written by no cache; it was left alone.</summary>
    Foreign,
}

/// <summary>What a write came to, and the token of what it left.</summary>
internal readonly record struct WriteResult(WriteOutcome Outcome, CacheToken Token = default);
