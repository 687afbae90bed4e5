namespace RingKeeper.Cli.Doctor;

/// <summary>Whether the shards run one version.</summary>
internal sealed class ShardVersionsCheck : IDoctorCheck
{
    public string Name => "shards' versions";

    public IEnumerable<Finding> Judge(DoctorFacts facts)
    {
        // Valkey tells the Redis that it behaves as, whatever its own version is.
        var versions = facts.Answered.Select(static one => (one.Shard.Name, Version: one.Facts.Fields.TryGetValue("valkey_version", out var valkey) ? $"Valkey {valkey}" : one.Facts.Version))
            .GroupBy(static one => one.Version, static one => one.Name, StringComparer.Ordinal).OrderBy(static group => group.Key, StringComparer.Ordinal).ToList();
        var untold = versions.Find(static group => group.Key is null);
        versions.RemoveAll(static group => group.Key is null);
        List<Finding> findings = versions.Count switch
        {
            0 => [],
            1 => [Finding.Ok("shard-version", $"version {versions[0].Key} on all that told theirs")],
            _ => [Finding.Note("shard-versions-differ", $"versions differ: {string.Join("; ", versions.Select(static group => $"{group.Key} on {string.Join(", ", group)}"))}: a command that one knows another may not", "finish the upgrade: one version on all")],
        };
        if (untold is not null)
        {
            findings.Add(Finding.NotChecked("shard-version", $"INFO of {string.Join(", ", untold)} tells no version", "look at those servers themselves"));
        }

        return [.. findings, .. facts.Silent("shard-version")];
    }
}
