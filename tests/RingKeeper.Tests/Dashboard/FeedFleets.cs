using System.Collections.Immutable;
using RingKeeper.Dashboard;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Tests.Dashboard;

/// <summary>Fleets as a feed reads them, one after another, counted by the leader's own rule.</summary>
internal static class FeedFleets
{
    public static readonly DateTimeOffset Now = new(2026, 11, 26, 3, 0, 0, TimeSpan.Zero);
    public static readonly Shard A = new("a", "10.0.0.1:6379");
    public static readonly Shard B = new("b", "10.0.0.2:6379");

    public static SessionSnapshot Session(SessionState state = SessionState.Connected) => new(state, 1, 7, TimeSpan.FromSeconds(4), "zk1:2181");

    /// <summary>A fleet of two shards whose checkers say what is given.</summary>
    /// <param name="zxid">When its votes were written.</param>
    /// <param name="aIsAlive">What the checkers and the status say of shard a.</param>
    /// <param name="trips">The round trip of each checker to a, in microseconds.</param>
    /// <param name="mtime">When the votes were written by ZooKeeper's clock.</param>
    public static Fleet Fleet(long zxid, bool aIsAlive = true, long?[]? trips = null, DateTimeOffset? mtime = null)
    {
        trips ??= [300, 400, 500];
        var written = (mtime ?? Now).ToUnixTimeMilliseconds();
        var stat = new Stat(1, 2, written, written, 0, 0, 0, 0, 0, 0, 2);
        var statuses = new[] { Status(A, aIsAlive), Status(B, true) }.ToImmutableDictionary(static status => status.Addr, StringComparer.Ordinal);
        List<Vote> votes =
        [
            .. trips.Select((trip, i) => new Vote($"n_000000000{i}", 1, i + 1, written, new[] { Entry(A, aIsAlive, i, trip), Entry(B, true, i, 100) }.ToDictionary(static entry => entry.Status.Addr, StringComparer.Ordinal)) { Mzxid = zxid + i }),
        ];
        var cluster = new ZKClusterInfo("orders", 1_000_000, new ZKClusterOptions { ExpectedCheckers = 3 }, [A, B]);
        var paper = new BallotPaper([A, B], statuses, votes, 3, cluster.Version, Micro(Now)) { ReferenceTime = written };
        return new Fleet(cluster, new BallotNodes(stat, new StatusNode(statuses, stat), votes, new DecisionsState([], 0, null), 0), Ballot.Count(paper));
    }

    public static ClusterReading Reading(SessionState session = SessionState.Connected, TimeSpan age = default)
    {
        var fleet = Fleet(1);
        return new ClusterReading("orders", KeyPlace.ViewOf(fleet.Cluster, fleet.Nodes.Statuses.Values), age, session);
    }

    public static ShardFacts Facts(string addr, TimeSpan ahead = default) =>
        new(addr, ShardFacts.Parse("run_id:r1\ndb0:keys=7,expires=1,avg_ttl=0\n"), new ClockReading(ahead, TimeSpan.FromMilliseconds(1)), TimeSpan.FromMilliseconds(1));

    private static ShardStatus Status(Shard shard, bool alive) => new(shard.Addr, alive, alive ? 2_000_000 : 9_000_000) { RunId = "r1", Role = "master" };

    private static VoteEntry Entry(Shard shard, bool alive, int checker, long? trip) => new(Status(shard, alive)) { Checker = $"c{checker}", Seen = Micro(Now), RttMicroseconds = trip };

    private static long Micro(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
