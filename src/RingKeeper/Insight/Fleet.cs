using System.Globalization;

namespace RingKeeper;

/// <summary>A cluster with its checkers, counted by the leader's own rule over what stands in ZooKeeper now. Pure, but for how it is read.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Nodes">What the count rests on.</param>
/// <param name="Result">The count.</param>
internal sealed record Fleet(ZKClusterInfo Cluster, BallotNodes Nodes, BallotResult Result)
{
    private const int MaxAttempts = 5;

    /// <summary>Gets the checkers, in the order of election.</summary>
    public IReadOnlyList<FleetChecker> Checkers { get; } = FleetChecker.Of(Nodes, Result);

    /// <summary>Gets who is first in line, or null.</summary>
    public FleetChecker? Leader => Checkers.Count > 0 ? Checkers[0] : null;

    /// <summary>Reads it, all parts from one moment.</summary>
    /// <exception cref="RingKeeperException">There is no such cluster, it cannot be read, or it changes all the time.</exception>
    public static Task<Fleet> ReadAsync(ZKConnector connector, string name, CancellationToken cancellationToken) =>
        ReadAsync(connector, name, connector.CreateBallotReader(name), cancellationToken);

    /// <summary>The same with a reader that remembers what did not change.</summary>
    public static async Task<Fleet> ReadAsync(ZKConnector connector, string name, BallotReader reader, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var cluster = await connector.GetClusterAsync(name, cancellationToken).ConfigureAwait(false);
            if (await connector.CountAsync(cluster, reader, cancellationToken).ConfigureAwait(false) is var (nodes, result))
            {
                return new Fleet(cluster, nodes, result);
            }
        }

        throw new RingKeeperException($"Cluster '{name}' was changed each of {MaxAttempts} times that it was read; try again.");
    }

    /// <summary>The state that the checkers agreed on; null before the first decision.</summary>
    public ShardStatus? StatusOf(Shard shard) => Nodes.Statuses.GetValueOrDefault(shard.Addr);

    /// <summary>How the votes on a shard count now.</summary>
    public ShardCount CountOf(Shard shard) => Result.Shards.First(count => count.Addr == shard.Addr);

    /// <summary>What the count would change of a shard now; null where nothing is due, or something holds it.</summary>
    public Flip? DueOf(Shard shard) => Result.Flips.FirstOrDefault(flip => flip.Addr == shard.Addr);

    /// <summary>What checkers say that keep a shard dead which may be well again.</summary>
    public IEnumerable<(FleetChecker Checker, VoteEntry Entry)> SuppressionsOf(Shard shard) =>
        Checkers.Where(static checker => checker.Counts && !checker.IsStale)
            .Select(checker => (checker, Entry: checker.EntryOf(shard)))
            .Where(static pair => pair.Entry?.Suppressed is not null)
            .Select(static pair => (pair.checker, pair.Entry!));

    /// <summary>Says what a Go checker in line means for decisions, or null.</summary>
    public string? DescribeMixture()
    {
        if (Leader is { Kind: VoterKind.Go } leader)
        {
            return $"{leader.Node}, a Go checker, leads and decides by Go's rules: most of those present, however old their votes; no brake{(Drained ? ", and what is drained it may call alive" : "")}";
        }

        var go = Checkers.Where(static checker => checker.Kind == VoterKind.Go).Select(static checker => checker.Node).ToList();
        return go.Count == 0
            ? null
            : $"Go checkers are in line ({string.Join(", ", go)}): whenever one leads, decisions are only as strict as Go's{(Drained ? ", and what is drained it may call alive" : "")}";
    }

    /// <summary>Names the shards of which a restart would go unnoticed: the status does not tell whose run it is.</summary>
    public IReadOnlyList<Shard> UnseenRestarts => [.. Cluster.Shards.Where(shard => StatusOf(shard) is { Alive: true, RunId: null })];

    /// <summary>The votes on a shard in short.</summary>
    public static string Summarize(ShardCount count)
    {
        var missing = count.Denominator - count.Alive - count.Dead - count.Abstaining - count.Stale;
        string[] parts = [Part(count.Alive, "alive"), Part(count.Dead, "dead"), Part(count.Abstaining, count.Abstaining == 1 ? "abstains" : "abstain"), Part(count.Stale, "too old"), Part(missing, "missing")];
        var text = string.Join(", ", parts.Where(static part => part.Length > 0));
        return text.Length == 0 ? "none" : text;
    }

    /// <summary>A time that has passed, for people.</summary>
    public static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");

    private bool Drained => Cluster.Shards.Any(static shard => shard.Drained);

    private static string Part(int count, string what) => count > 0 ? string.Create(CultureInfo.InvariantCulture, $"{count} {what}") : "";
}
