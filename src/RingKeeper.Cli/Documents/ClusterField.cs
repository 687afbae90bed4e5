namespace RingKeeper.Cli.Documents;

/// <summary>A field of a cluster's options or of a shard.</summary>
/// <param name="Name">Its name; of one that this version knows, with a small first letter.</param>
/// <param name="Json">Its value as JSON, as it stands in ZooKeeper.</param>
/// <param name="IsExtra">Whether this version only carries it along.</param>
internal sealed record ClusterField(string Name, string Json, bool IsExtra)
{
    /// <summary>Gets the name as reports show it.</summary>
    public string Label => IsExtra ? $"extra.{Name}" : Name;
}
