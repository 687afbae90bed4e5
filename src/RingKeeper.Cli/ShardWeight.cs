namespace RingKeeper.Cli;

/// <summary>A weight given on the command line, and its shard's name.</summary>
internal sealed record ShardWeight(string Name, int Weight)
{
    /// <summary>Gives the shards these weights.</summary>
    /// <exception cref="CliUsageException">A name is none of a shard, or has two weights.</exception>
    public static IReadOnlyList<Shard> Apply(IReadOnlyList<ShardWeight> weights, IReadOnlyList<Shard> shards)
    {
        foreach (var group in weights.GroupBy(static weight => weight.Name, StringComparer.Ordinal))
        {
            if (group.Skip(1).Any())
            {
                throw new CliUsageException($"--weight {group.Key} is given twice.");
            }

            if (!shards.Any(shard => shard.Name == group.Key))
            {
                throw new CliUsageException($"--weight {group.Key}={group.First().Weight}: there is no such shard. There are: {string.Join(", ", shards.Select(static shard => shard.Name))}.");
            }
        }

        return [.. shards.Select(shard => weights.FirstOrDefault(weight => weight.Name == shard.Name) is { } given ? shard with { Weight = given.Weight } : shard)];
    }
}
