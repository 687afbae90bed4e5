namespace RingKeeper.Cli.Documents;

/// <summary>A cluster before and after deaths and changes that somebody thinks of. Pure.</summary>
/// <param name="Before">The view that a client has before.</param>
/// <param name="After">The view that a client has after.</param>
/// <param name="Killed">The names of the shards that die.</param>
/// <param name="Removed">The names of the shards that go.</param>
/// <param name="Added">The names of the shards that come.</param>
/// <param name="WarmReturn">For how long misses may be filled from the shard before, or null for never.</param>
internal sealed record WhatIf(ClusterView Before, ClusterView After, IReadOnlyList<string> Killed, IReadOnlyList<string> Removed, IReadOnlyList<string> Added, TimeSpan? WarmReturn)
{
    /// <summary>Applies them to a cluster.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="dead">The names of the shards that are dead already.</param>
    /// <param name="kill">The names of those that die.</param>
    /// <param name="add">Those that come; they serve at once.</param>
    /// <param name="remove">The names of those that go.</param>
    /// <param name="weights">Weights that are set.</param>
    /// <exception cref="RingKeeperException">A name is none of a shard, or is one already, or nothing would serve.</exception>
    /// <exception cref="CliUsageException">A weight fits no shard.</exception>
    public static WhatIf Of(ClusterDocument cluster, IReadOnlySet<string> dead, IReadOnlyList<string> kill, IReadOnlyList<Shard> add, IReadOnlyList<string> remove, IReadOnlyList<ShardWeight> weights)
    {
        var before = cluster.Shards;
        foreach (var name in kill.Concat(remove).Where(name => before.All(shard => shard.Name != name)))
        {
            throw new RingKeeperException($"Cluster '{cluster.Name}' has no shard '{name}'. It has: {string.Join(", ", before.Select(static shard => shard.Name))}.");
        }

        if (kill.Intersect(remove, StringComparer.Ordinal).FirstOrDefault() is { } twice)
        {
            throw new RingKeeperException($"Shard '{twice}' cannot both die and be removed; give one.");
        }

        if (add.FirstOrDefault(shard => before.Any(known => known.Name == shard.Name && !remove.Contains(known.Name))) is { } present)
        {
            throw new RingKeeperException($"Cluster '{cluster.Name}' has a shard '{present.Name}' already. Give the new one another name.");
        }

        IReadOnlyList<Shard> after = [.. before.Where(shard => !remove.Contains(shard.Name)), .. add];
        if (after.Count == 0)
        {
            throw new RingKeeperException($"A cluster needs at least one shard, and the last of cluster '{cluster.Name}' would be removed.");
        }

        after = ShardWeight.Apply(weights, after);
        (cluster with { Shards = after }).Check(isNew: false);
        var deadAfter = dead.Except(remove, StringComparer.Ordinal).Concat(kill).ToHashSet(StringComparer.Ordinal);
        if (after.All(shard => deadAfter.Contains(shard.Name)))
        {
            throw new RingKeeperException($"No shard of cluster '{cluster.Name}' would be alive: no key would be served, and there is nothing to count.");
        }

        return new WhatIf(View(cluster.Options, before, dead), View(cluster.Options, after, deadAfter), [.. kill.Distinct(StringComparer.Ordinal)], [.. remove.Distinct(StringComparer.Ordinal)], [.. add.Select(static shard => shard.Name)], cluster.Options.WarmReturn);
    }

    private static ClusterView View(ZKClusterOptions options, IReadOnlyList<Shard> shards, IReadOnlySet<string> dead) => new(
        options.CreateRingBuilder().Build(shards), options.FailoverEnabled, 0, 0, 0,
        shards.DistinctBy(static shard => shard.Addr).ToDictionary(static shard => shard.Addr, shard => new ShardStatus(shard.Addr, !dead.Contains(shard.Name), 1), StringComparer.Ordinal));
}
