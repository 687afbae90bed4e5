namespace RingKeeper.Cli.Documents;

/// <summary>What applying a document will do to a cluster. Pure.</summary>
/// <param name="Document">The document.</param>
/// <param name="Present">The cluster as it was read, or null where there is none.</param>
/// <param name="Diff">What differs.</param>
/// <param name="Movement">Which keys move; null for a new cluster, for one that stays as it is, and where they cannot be counted.</param>
/// <param name="Uncounted">Why they cannot be counted, or null.</param>
internal sealed record ClusterPlan(ClusterDocument Document, ZKClusterInfo? Present, ClusterDiff Diff, KeyMovement? Movement, string? Uncounted)
{
    /// <summary>Gets the one word for it.</summary>
    public string Action => Diff switch { { IsEmpty: true } => "none", { IsNew: true } => "create", _ => "update" };

    /// <summary>Gets whether keys are looked for elsewhere afterwards; what cannot be counted may move.</summary>
    public bool MovesKeys => Movement is { IsAny: true } || Uncounted is not null;

    /// <summary>Compares, checks and counts.</summary>
    /// <exception cref="RingKeeperException">The document differs from the cluster and holds what is not allowed.</exception>
    public static ClusterPlan Make(ClusterDocument document, ZKClusterInfo? present)
    {
        var diff = ClusterDiff.Between(present is null ? null : ClusterDocument.Of(present), document);
        if (diff.IsEmpty)
        {
            return new ClusterPlan(document, present, diff, null, null);
        }

        document.Check(diff.IsNew);
        return present is null ? new ClusterPlan(document, present, diff, null, null) : Count(document, present, diff);
    }

    private static ClusterPlan Count(ClusterDocument document, ZKClusterInfo present, ClusterDiff diff)
    {
        HashRing ring;
        try
        {
            ring = present.Options.CreateRingBuilder().Build(present.Shards);
        }
        catch (RingKeeperException e)
        {
            // A cluster that no client can use may be mended all the same.
            return new ClusterPlan(document, present, diff, null, e.Message);
        }

        var tags = new[] { present.Options.HashTag, document.Options.HashTag }.OfType<string>().Where(static tag => tag.Length > 0).Distinct(StringComparer.Ordinal);
        return new ClusterPlan(document, present, diff, KeyMovement.Measure(ring, document.Options.CreateRingBuilder().Build(document.Shards), SampleKeys.Of([.. tags])), null);
    }
}
