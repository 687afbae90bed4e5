using RingKeeper.ZooKeeper;

namespace RingKeeper;

/// <summary>The order of checkers: the lowest number leads; nodes of other names take no part. Pure.</summary>
internal static class Election
{
    // The plain order, without a thought for an overflow of the counter: Go programs stand in the same line and know no other.
    public static List<string> InOrder(IEnumerable<string> children) => SequentialLine.InOrder(children, ZKPaths.TryGetVoteNumber, wraps: false);
}
