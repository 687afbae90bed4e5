namespace RingKeeper;

/// <summary>Something that happened to a cluster. Pure.</summary>
/// <param name="At">When, in microseconds since the Unix epoch: by ZooKeeper's clock, or a stamp, or as noticed.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Shard">The name of the shard it is about, or null.</param>
/// <param name="Text">What happened and why, in one line.</param>
/// <param name="Evidence">What it rests on, a line each: the votes of a decision, the single changes of a topology.</param>
internal sealed record FleetEvent(long At, FleetEventKind Kind, string? Shard, string Text, IReadOnlyList<string> Evidence);

/// <summary>What an event is about.</summary>
internal enum FleetEventKind
{
    /// <summary>A decision: a shard died.</summary>
    Death,

    /// <summary>A decision: a shard is alive, for the first time or again.</summary>
    Return,

    /// <summary>A decision: a shard goes on as another run or in another role.</summary>
    Restart,

    /// <summary>A decision: a shard is drained.</summary>
    Drain,

    /// <summary>The status of a shard changed without a record of a decision, as a Go checker does it.</summary>
    Unrecorded,

    /// <summary>Shards were added, removed, moved, drained or undrained, or options changed.</summary>
    Topology,

    /// <summary>A checker joined, left or began to lead.</summary>
    Checkers,

    /// <summary>The brake began or ceased to hold a death.</summary>
    Brake,

    /// <summary>A checker changed its mind about a shard.</summary>
    Vote,
}
