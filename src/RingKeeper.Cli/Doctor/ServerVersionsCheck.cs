namespace RingKeeper.Cli.Doctor;

/// <summary>Whether the ZooKeeper servers are of one version, and what theirs lacks (docs/zookeeper-client.md, Old servers).</summary>
internal sealed class ServerVersionsCheck : IDoctorCheck
{
    private static readonly (Version Since, string Lacks, bool IsNeeded)[] Features =
    [
        (new(3, 5, 0), "the ensemble's list of itself, and an answer to a create that tells all", false),
        (new(3, 6, 0), "persistent watches: 'status --watch', 'events' and the dashboard do not work, and clients watch by one-shot watches", true),
        (new(3, 7, 0), "whoAmI", false),
    ];

    public string Name => "ZooKeeper versions";

    public IEnumerable<Finding> Judge(DoctorFacts facts)
    {
        var versions = facts.Servers.Select(static server => server.Answer.Value?.Version).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (versions.Count == 0)
        {
            yield return Finding.NotChecked("zk-version", "no server told its version", "add srvr to 4lw.commands.whitelist of the servers, or see the finding about them");
            yield break;
        }

        if (versions.Count > 1)
        {
            yield return Finding.Warning("zk-versions-differ", $"the servers are of versions {string.Join(", ", versions)}: what one can, another may not", "finish the upgrade: one version on all");
        }

        var read = versions.Select(static text => Version.TryParse(text.Split('-')[0], out var version) ? version : null).ToList();
        if (read.Contains(null) || read.Min() is not { } oldest)
        {
            yield return Finding.NotChecked("zk-version", $"version {string.Join(", ", versions)} is not written as ZooKeeper's are, so that what it lacks is not known", "compare it with docs/zookeeper-client.md");
            yield break;
        }

        var lacks = Features.Where(feature => oldest < feature.Since).ToList();
        yield return lacks.Count == 0
            ? Finding.Ok("zk-version", $"version {string.Join(", ", versions)} has all that is used")
            : lacks.Exists(static feature => feature.IsNeeded)
                ? Finding.Warning("zk-old", $"version {oldest} lacks {Told(lacks)}", "upgrade the servers to 3.6 or later, one after the other")
                : Finding.Note("zk-old", $"version {oldest} lacks {Told(lacks)}; nothing here needs it", "upgrade when it suits");
    }

    private static string Told(IEnumerable<(Version Since, string Lacks, bool IsNeeded)> lacks) => string.Join("; ", lacks.Select(static feature => $"{feature.Lacks} (since {feature.Since})"));
}
