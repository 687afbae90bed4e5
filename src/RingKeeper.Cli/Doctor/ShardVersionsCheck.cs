namespace RingKeeper.Cli.Doctor;

/// <summary>Whether the shards run one version.</summary>
internal sealed class ShardVersionsCheck : IDoctorCheck
{
    public string Name => "shards' versions";

    public IEnumerable<Finding> Judge(DoctorFacts facts)
    {
        var versions = facts.Answered.GroupBy(static one => one.Facts.Version ?? "not told", static one => one.Shard.Name, StringComparer.Ordinal).OrderBy(static group => group.Key, StringComparer.Ordinal).ToList();
        List<Finding> findings = versions.Count switch
        {
            0 => [],
            1 => [Finding.Ok("shard-version", $"version {versions[0].Key} on all that answered")],
            _ => [Finding.Note("shard-versions-differ", $"versions differ: {string.Join("; ", versions.Select(static group => $"{group.Key} on {string.Join(", ", group)}"))}: a command that one knows another may not", "finish the upgrade: one version on all")],
        };
        return [.. findings, .. facts.Silent("shard-version")];
    }
}
