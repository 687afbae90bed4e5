namespace RingKeeper.Cli.Documents;

/// <summary>What it takes to make a cluster be as a document says. Pure.</summary>
/// <param name="Name">The cluster's name.</param>
/// <param name="IsNew">Whether there is no such cluster yet.</param>
/// <param name="Options">The options that differ.</param>
/// <param name="Added">Shards that come.</param>
/// <param name="Removed">Shards that go.</param>
/// <param name="Changed">Shards that stay, with other fields.</param>
/// <param name="IsReordered">Whether the shards that stay change their order.</param>
internal sealed record ClusterDiff(
    string Name,
    bool IsNew,
    IReadOnlyList<FieldChange> Options,
    IReadOnlyList<Shard> Added,
    IReadOnlyList<Shard> Removed,
    IReadOnlyList<ShardChange> Changed,
    bool IsReordered)
{
    /// <summary>Gets whether the cluster, fields that a manager dropped put back, is as the document says.</summary>
    public bool IsEmpty => !IsNew && Options.Count == 0 && Added.Count == 0 && Removed.Count == 0 && Changed.Count == 0 && !IsReordered;

    /// <summary>Gets the options that differ and place keys, so that another value is another ring.</summary>
    public IReadOnlyList<string> RingOptions => [.. Options.Select(static change => change.Field).Intersect(["ringType", "ringParams", "hashTag", "keyHash"], StringComparer.Ordinal)];

    /// <summary>Compares a cluster with what it should be.</summary>
    /// <param name="before">The cluster, or null where there is none.</param>
    /// <param name="after">What it should be.</param>
    public static ClusterDiff Between(ClusterDocument? before, ClusterDocument after)
    {
        var old = Number(before?.Shards ?? []);
        var now = Number(after.Shards);
        var oldByKey = old.ToDictionary();
        var nowByKey = now.ToDictionary();
        var stay = now.Where(shard => oldByKey.ContainsKey(shard.Key)).ToList();
        return new ClusterDiff(
            after.Name,
            before is null,
            before is null ? [] : FieldChange.Between(ClusterFields.Of(before.Options), ClusterFields.Of(after.Options)),
            [.. now.Where(shard => !oldByKey.ContainsKey(shard.Key)).Select(static shard => shard.Value)],
            [.. old.Where(shard => !nowByKey.ContainsKey(shard.Key)).Select(static shard => shard.Value)],
            [
                .. stay.Select(shard => new ShardChange(shard.Value.Name, FieldChange.Between(ClusterFields.Of(oldByKey[shard.Key]), ClusterFields.Of(shard.Value))))
                    .Where(static change => change.Fields.Count > 0),
            ],
            !old.Select(static shard => shard.Key).Where(nowByKey.ContainsKey).SequenceEqual(stay.Select(static shard => shard.Key)));
    }

    // Go programs may have given a name twice; the second of a name is another shard than the first.
    private static List<KeyValuePair<(string Name, int Nth), Shard>> Number(IReadOnlyList<Shard> shards)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        return [.. shards.Select(shard => KeyValuePair.Create((shard.Name, seen[shard.Name] = seen.GetValueOrDefault(shard.Name) + 1), shard))];
    }
}
