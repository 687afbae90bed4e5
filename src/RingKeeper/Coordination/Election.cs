namespace RingKeeper;

/// <summary>The order of checkers: the lowest number leads; nodes of other names take no part. Pure.</summary>
internal static class Election
{
    public static List<string> InOrder(IEnumerable<string> children) =>
        [.. children
            .Select(node => (Node: node, IsVote: ZKPaths.TryGetVoteNumber(node, out var number), Number: number))
            .Where(c => c.IsVote)
            .OrderBy(c => c.Number)
            .ThenBy(c => c.Node, StringComparer.Ordinal)
            .Select(c => c.Node)];

    /// <summary>Gives a checker's place: 0 leads, -1 means that its node is gone. Its predecessor is the node before it, if any.</summary>
    public static (int Place, string? Predecessor) PlaceOf(string own, IReadOnlyList<string> inOrder)
    {
        for (var i = 0; i < inOrder.Count; i++)
        {
            if (inOrder[i] == own)
            {
                return (i, i == 0 ? null : inOrder[i - 1]);
            }
        }

        return (-1, null);
    }
}
