namespace RingKeeper.Cli.Documents;

/// <summary>Writes clusters as documents that <see cref="ClusterDocumentReader"/> reads back without loss; the same cluster gives the same text. Pure.</summary>
internal static class ClusterDocumentWriter
{
    /// <summary>Writes the lines of one YAML document.</summary>
    public static IEnumerable<string> ToYaml(ClusterDocument cluster)
    {
        yield return "---";
        yield return $"name: {DocumentText.ToYaml(cluster.Name)}";
        yield return "options:";
        foreach (var line in Fields(ClusterFields.Of(cluster.Options)))
        {
            yield return $"  {line}";
        }

        yield return cluster.Shards.Count == 0 ? "shards: []" : "shards:";
        foreach (var shard in cluster.Shards)
        {
            var prefix = "  - ";
            foreach (var line in Fields(ClusterFields.Of(shard)))
            {
                yield return prefix + line;
                prefix = "    ";
            }
        }
    }

    /// <summary>Writes the lines of one JSON value: a list of clusters.</summary>
    public static IEnumerable<string> ToJson(IReadOnlyList<ClusterDocument> clusters)
    {
        yield return "[";
        for (var i = 0; i < clusters.Count; i++)
        {
            yield return "  {";
            yield return $"    \"name\": {DocumentText.Quote(clusters[i].Name)},";
            yield return $"    \"options\": {{{Pairs(ClusterFields.Of(clusters[i].Options))}}},";
            yield return "    \"shards\": [";
            for (var j = 0; j < clusters[i].Shards.Count; j++)
            {
                yield return $"      {{{Pairs(ClusterFields.Of(clusters[i].Shards[j]))}}}{Comma(j, clusters[i].Shards.Count)}";
            }

            yield return "    ]";
            yield return $"  }}{Comma(i, clusters.Count)}";
        }

        yield return "]";
    }

    private static IEnumerable<string> Fields(IReadOnlyList<ClusterField> fields)
    {
        foreach (var field in fields.Where(static field => !field.IsExtra))
        {
            yield return $"{field.Name}: {(ClusterFields.TextOf(field.Json) is { } text ? DocumentText.ToYaml(text) : field.Json)}";
        }

        if (fields.Any(static field => field.IsExtra))
        {
            yield return "extra:";
        }

        foreach (var field in fields.Where(static field => field.IsExtra))
        {
            yield return $"  {DocumentText.ToYaml(field.Name)}: {DocumentText.ToYaml(field.Json)}";
        }
    }

    private static string Pairs(IReadOnlyList<ClusterField> fields)
    {
        var pairs = fields.Where(static field => !field.IsExtra)
            .Select(static field => $"\"{field.Name}\": {(ClusterFields.TextOf(field.Json) is { } text ? DocumentText.Quote(text) : field.Json)}");
        var extra = fields.Where(static field => field.IsExtra).Select(static field => $"{DocumentText.Quote(field.Name)}: {DocumentText.Quote(field.Json)}").ToList();
        return string.Join(", ", extra.Count == 0 ? pairs : pairs.Append($"\"extra\": {{{string.Join(", ", extra)}}}"));
    }

    private static string Comma(int index, int count) => index < count - 1 ? "," : "";
}
