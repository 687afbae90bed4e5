using System.Collections.Immutable;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Tests.Insight;

/// <summary>Fleets in any state, counted by the real rule.</summary>
internal static class Fleets
{
    public const long Now = 1_800_000_000_000;
    public const long Stamp = 1_799_999_000_000_000;
    public static readonly Shard A = new("a", ":1");
    public static readonly Shard B = new("b", ":2");
    public static readonly Shard C = new("c", ":3");

    public static Fleet Of(Shard[] shards, ShardStatus[] statuses, ImmutableArray<Decision> decisions, params Vote[] votes) =>
        Of(new ZKClusterInfo("orders", Stamp, new ZKClusterOptions { ExpectedCheckers = 3 }, shards), statuses, new DecisionsState(decisions, 0, null), votes);

    public static Fleet Of(ZKClusterInfo cluster, ShardStatus[] statuses, DecisionsState decisions, params Vote[] votes)
    {
        var status = statuses.ToImmutableDictionary(s => s.Addr, StringComparer.Ordinal);
        var stat = new Stat(1, 2, Now, Now, 0, 0, 0, 0, 0, 0, 2);
        var nodes = new BallotNodes(stat, new StatusNode(status, stat), votes, decisions, 0);
        return new Fleet(cluster, nodes, Ballot.Count(new BallotPaper(cluster.Shards, status, votes, cluster.Options.ExpectedCheckers, cluster.Stamp, Now * 1000) { ReferenceTime = Now, Decisions = decisions.Decisions }));
    }

    /// <summary>A fleet of three shards and three checkers that all call them alive.</summary>
    public static Fleet Healthy() => Of([A, B, C], [Alive(A), Alive(B), Alive(C)], [], Votes(A, B, C));

    public static Vote[] Votes(params Shard[] alive) => [.. Enumerable.Range(0, 3).Select(number => Vote(number, 0, [.. alive.Select(static shard => Says(shard, true))]))];

    public static Vote Vote(int number, long age, params VoteEntry[] entries) =>
        Go(number, [.. entries.Select(entry => entry with { Seen = entry.Seen ?? Now * 1000, Checker = $"id-{number}" })]) with { Mtime = Now - age };

    public static Vote Go(int number, params VoteEntry[] entries) =>
        new($"n_000000000{number}", 0, 10 + number, Now, entries.ToImmutableDictionary(e => e.Status.Addr, StringComparer.Ordinal));

    public static VoteEntry Says(Shard shard, bool alive) => new(new ShardStatus(shard.Addr, alive, Now * 1000));

    public static ShardStatus Alive(Shard shard, long since = Stamp) => new(shard.Addr, true, since) { RunId = "f00d" };

    public static ShardStatus Dead(Shard shard, long since = Stamp) => new(shard.Addr, false, since);

    /// <summary>A decision about one shard, so many milliseconds from now.</summary>
    public static Decision Decided(Shard shard, DecisionKind kind, long after) => new(
        Now + after, (Now + after) * 1000, "n_0000000000", "id-0",
        [new Flip(shard.Addr, kind, kind == DecisionKind.Death, kind != DecisionKind.Death, new ShardCount(shard.Addr, 0, 2, 0, 0, 3, kind == DecisionKind.Death ? "is dead: 2 of 3 checkers say so" : "is alive: 2 of 3 checkers say so") { Votes = [new("n_0000000000", "id-0", false, false, 100, "Refused", 180, null)] })]);
}
