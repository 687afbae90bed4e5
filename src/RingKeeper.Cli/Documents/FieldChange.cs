namespace RingKeeper.Cli.Documents;

/// <summary>A field whose value differs; null where one side does not have it.</summary>
/// <param name="Field">Its name.</param>
/// <param name="Before">The value in ZooKeeper, as JSON.</param>
/// <param name="After">The value in the document, as JSON.</param>
internal sealed record FieldChange(string Field, string? Before, string? After)
{
    /// <summary>Compares two lists of fields; those of the first come first.</summary>
    public static IReadOnlyList<FieldChange> Between(IReadOnlyList<ClusterField> before, IReadOnlyList<ClusterField> after)
    {
        var old = before.ToDictionary(static field => field.Label, static field => field.Json, StringComparer.Ordinal);
        var now = after.ToDictionary(static field => field.Label, static field => field.Json, StringComparer.Ordinal);
        return
        [
            .. old.Keys.Union(now.Keys, StringComparer.Ordinal)
                .Select(name => new FieldChange(name, old.GetValueOrDefault(name), now.GetValueOrDefault(name)))
                .Where(static change => change.Before != change.After),
        ];
    }
}

/// <summary>A shard that stays, under its name, with other fields.</summary>
/// <param name="Name">The shard's name.</param>
/// <param name="Fields">What differs.</param>
internal sealed record ShardChange(string Name, IReadOnlyList<FieldChange> Fields);
