using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded.Tree;

namespace RingKeeper.Simulator;

/// <summary>One entry of the ensemble's log.</summary>
/// <param name="Zxid">Its number.</param>
/// <param name="Time">When, in milliseconds since the Unix epoch by the clock of the ensemble's leader.</param>
/// <param name="Session">Whose it is.</param>
/// <param name="Operations">What was asked for; none where the session ended.</param>
/// <param name="EndsSession">Whether the session ended, and its ephemeral znodes with it.</param>
internal sealed record Commit(long Zxid, long Time, long Session, IReadOnlyList<TreeOperation> Operations, bool EndsSession)
{
    /// <summary>The results, one an operation; all good or nothing was applied.</summary>
    public IReadOnlyList<TreeResult> Results { get; set; } = [];

    public bool Succeeded => EndsSession || Results.All(static r => r.Error == ZooKeeperErrorCode.Ok);
}
