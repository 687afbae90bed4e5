namespace RingKeeper.Cli.Documents;

/// <summary>A cluster as a document describes it: all that is written to ZooKeeper but the stamp.</summary>
/// <param name="Name">The cluster's name.</param>
/// <param name="Options">Its options.</param>
/// <param name="Shards">Its shards, in order.</param>
internal sealed record ClusterDocument(string Name, ZKClusterOptions Options, IReadOnlyList<Shard> Shards)
{
    /// <summary>Gets where the document stands, for messages.</summary>
    public string Place { get; init; } = "";

    public static ClusterDocument Of(ZKClusterInfo cluster) => new(cluster.Name, cluster.Options, cluster.Shards);

    /// <summary>Checks what a manager would refuse, so that nothing is written of a file that cannot be written as a whole.</summary>
    /// <exception cref="RingKeeperException">A name, an address or an option is not allowed.</exception>
    public void Check(bool isNew)
    {
        try
        {
            if (isNew)
            {
                ClusterRules.CheckName(Name);
            }

            ClusterRules.CheckShards(Shards);
            ClusterRules.CheckOptions(Options, Shards);
        }
        catch (RingKeeperException e)
        {
            throw new RingKeeperException($"{Place}: cluster '{Name}': {e.Message}", e);
        }
    }
}
