namespace RingKeeper.Cli.Documents;

/// <summary>Reads documents that describe clusters; every flaw is told with its file, line and field. Pure.</summary>
internal static class ClusterDocumentReader
{
    private static readonly string[] TopFields = ["name", "options", "shards"];

    /// <summary>Reads all clusters of a file: one a document, or a list of them.</summary>
    /// <exception cref="RingKeeperException">The file is not YAML or JSON, or does not describe clusters.</exception>
    public static IReadOnlyList<ClusterDocument> Read(string file, string text)
    {
        var yaml = new YamlFile(file);
        var clusters = new List<ClusterDocument>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in yaml.Read(text).SelectMany(static node => node is YamlSequence list ? list.Items : [node]))
        {
            var cluster = ReadCluster(yaml, yaml.Mapping(node, "a cluster"));
            if (!lines.TryAdd(cluster.Name, node.Line))
            {
                throw yaml.Flaw(node.Line, $"cluster '{cluster.Name}' is described twice, here and on line {lines[cluster.Name]}.");
            }

            clusters.Add(cluster);
        }

        return clusters.Count > 0
            ? clusters
            : throw new RingKeeperException($"{file} describes no cluster. Write name, options and shards, as 'ringkeeper cluster export' does.");
    }

    private static ClusterDocument ReadCluster(YamlFile yaml, YamlMapping cluster)
    {
        if (cluster.Fields.FirstOrDefault(static field => !TopFields.Contains(field.Name)) is { } unknown)
        {
            throw yaml.Flaw(unknown.Line, $"{unknown.Name} is not a field of a cluster, which has {string.Join(", ", TopFields)}.");
        }

        var name = yaml.Scalar(Require(yaml, cluster, "name", "the cluster")).Text;
        var options = yaml.Mapping(Require(yaml, cluster, "options", $"cluster '{name}'").Value, "options");
        var shards = yaml.Sequence(Require(yaml, cluster, "shards", $"cluster '{name}'"));
        return new ClusterDocument(name, ReadOptions(yaml, options), [.. shards.Items.Select(item => ReadShard(yaml, yaml.Mapping(item, "a shard")))])
        {
            Place = $"{yaml.Name}, line {cluster.Line}",
        };
    }

    private static ZKClusterOptions ReadOptions(YamlFile yaml, YamlMapping mapping)
    {
        var fields = new ClusterFieldReader(yaml, "options", static (fields, place) => ClusterFields.ToOptions(fields, place).Unknown).Read(mapping);
        var options = ClusterFields.ToOptions(fields, yaml.Name);

        // What is left out would change what a cluster does; only where it means nothing may it be missing.
        Require(yaml, mapping, "failoverEnabled", "options");
        Require(yaml, mapping, "ringType", "options");
        if (!string.Equals(options.RingType, RingTypes.Rendezvous, StringComparison.OrdinalIgnoreCase))
        {
            Require(yaml, mapping, "ringParams", "options");
        }

        return options;
    }

    private static Shard ReadShard(YamlFile yaml, YamlMapping mapping)
    {
        var fields = new ClusterFieldReader(yaml, "a shard", static (fields, place) => ClusterFields.ToShard(fields, place).Unknown).Read(mapping);
        Require(yaml, mapping, "name", "a shard");
        Require(yaml, mapping, "addr", "a shard");
        return ClusterFields.ToShard(fields, yaml.Name);
    }

    private static YamlField Require(YamlFile yaml, YamlMapping mapping, string name, string what) =>
        mapping.Fields.FirstOrDefault(field => string.Equals(field.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw yaml.Flaw(mapping.Line, $"{what} has no {name}.");
}
