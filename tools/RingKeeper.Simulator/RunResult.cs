using RingKeeper.Simulator.Caches;

namespace RingKeeper.Simulator;

/// <summary>What came of one run.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Faults">Its faults by kind.</param>
/// <param name="Violations">The laws it broke; it ends at the first.</param>
internal sealed record RunResult(int Seed, FaultCounter Faults, IReadOnlyList<Violation> Violations)
{
    public required int Commits { get; init; }

    public required long Decisions { get; init; }

    public required long Steps { get; init; }

    public required TimeSpan VirtualTime { get; init; }

    /// <summary>How often each law was put to the test.</summary>
    public required IReadOnlyList<long> Judged { get; init; }

    /// <summary>How long after the last fault status and views were as they should be; null if that was not waited for.</summary>
    public required TimeSpan? TimeToTruth { get; init; }

    /// <summary>How long after a crash in the quiet the shard was dead for all; null if that was not tried.</summary>
    public required TimeSpan? TimeToDeath { get; init; }

    /// <summary>What its caches did; null where there were none.</summary>
    public CacheTally? Cache { get; init; }

    /// <summary>The last events.</summary>
    public required IReadOnlyList<string> Trace { get; init; }

    /// <summary>A number that two runs share only if the same was written at the same times.</summary>
    public required ulong Digest { get; init; }

    /// <summary>The run in a few words.</summary>
    public required string Shape { get; init; }
}
