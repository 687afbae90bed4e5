namespace RingKeeper.Cli.Documents;

/// <summary>A pool of twemproxy as a cluster that places its keys alike. Pure.</summary>
/// <param name="Name">The pool's name.</param>
/// <param name="Cluster">The cluster.</param>
/// <param name="Notes">What does not come along, and what differs.</param>
internal sealed record TwemproxyPool(string Name, ClusterDocument Cluster, IReadOnlyList<TwemproxyNote> Notes)
{
    /// <summary>Reads a pool of a configuration of nutcracker.</summary>
    /// <param name="fileName">What the file is called in messages.</param>
    /// <param name="text">The file.</param>
    /// <param name="pool">The pool's name, or null where the file has only one.</param>
    /// <param name="cluster">The cluster's name, or null for the pool's.</param>
    /// <param name="expectedCheckers">How many checkers are meant to run.</param>
    /// <exception cref="RingKeeperException">The file or the pool cannot be taken.</exception>
    public static TwemproxyPool Read(string fileName, string text, string? pool, string? cluster, int expectedCheckers)
    {
        var file = new YamlFile(fileName);
        var (name, settings) = Choose(file, file.Read(text), pool);
        CheckName(file, name, cluster);
        var reader = new TwemproxyPoolReader(file, name, settings);
        var (options, shards) = (reader.ReadOptions(), reader.ReadShards());
        var document = new ClusterDocument(cluster ?? name.Name, options with { ExpectedCheckers = expectedCheckers }, shards) { Place = $"{fileName}, line {name.Line}" };
        document.Check(isNew: true);
        return new TwemproxyPool(name.Name, document, reader.Notes);
    }

    private static void CheckName(YamlFile file, YamlField pool, string? cluster)
    {
        try
        {
            ClusterRules.CheckName(cluster ?? pool.Name);
        }
        catch (RingKeeperException e) when (cluster is null)
        {
            throw file.Flaw(pool.Line, $"{e.Message} Give the cluster another name than the pool's with --name.");
        }
    }

    private static (YamlField Pool, YamlMapping Settings) Choose(YamlFile file, IReadOnlyList<YamlNode> documents, string? wanted)
    {
        if (documents is not [YamlMapping { Fields: { Count: > 0 } pools }])
        {
            throw new RingKeeperException($"{file.Name} is not a configuration of nutcracker: it must hold one document, with a pool's name and its settings below.");
        }

        var names = string.Join(", ", pools.Select(static pool => pool.Name));
        var chosen = wanted is null
            ? pools.Count == 1 ? pools[0] : throw new RingKeeperException($"{file.Name} has {pools.Count} pools; choose one with --pool: {names}.")
            : pools.FirstOrDefault(pool => pool.Name == wanted) ?? throw new RingKeeperException($"{file.Name} has no pool '{wanted}'. It has: {names}.");
        return (chosen, file.Mapping(chosen.Value, $"pool '{chosen.Name}'"));
    }
}
