namespace RingKeeper;

/// <summary>Tells people which of a cluster's znodes anybody may change.</summary>
internal static class OpenNodes
{
    /// <summary>One line, or null where every znode is kept for an identity.</summary>
    public static string? Describe(string name, IReadOnlyList<string> open)
    {
        if (open.Count == 0)
        {
            return null;
        }

        return open.Contains(ZKPaths.Cluster(name))
            ? "open to the world: anybody who reaches ZooKeeper may change it"
            : $"open to the world in part: anybody who reaches ZooKeeper may change {string.Join(", ", open)}";
    }
}
