using System.Collections.Immutable;
using RingKeeper.Dashboard;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Tests.Dashboard;

/// <summary>States of clusters as a page would be given them, counted by the leader's own rule from votes and statuses that are written down here.</summary>
internal sealed record PageStates
{
    /// <summary>The present of all of them: 2026-11-26 03:12:40 UTC.</summary>
    public static readonly DateTimeOffset Now = new(2026, 11, 26, 3, 12, 40, 250, TimeSpan.Zero);

    private const int Readings = 60;

    public string Cluster { get; init; } = "orders";

    public IReadOnlyList<Shard> Shards { get; init; } = Named(3);

    public IReadOnlyList<string> Checkers { get; init; } = ["checker-1", "checker-2", "checker-3"];

    public ZKClusterOptions Options { get; init; } = new() { ExpectedCheckers = 3 };

    /// <summary>Whether the status calls a shard alive; null for a shard without one.</summary>
    public Func<int, bool?> Decided { get; init; } = static _ => true;

    /// <summary>What a checker says of a shard; null for nothing.</summary>
    public Func<int, int, bool?> Says { get; init; } = static (_, _) => true;

    /// <summary>Why a shard is kept dead by every checker, or null.</summary>
    public Func<int, string?> Suppressed { get; init; } = static _ => null;

    public string? Trouble { get; init; }

    public SessionSnapshot Session { get; init; } = new(SessionState.Connected, 1, 0x100003a8f2c0001, TimeSpan.FromSeconds(4), "zk1.internal:2181");

    public static IReadOnlyList<Shard> Named(int count) => [.. Enumerable.Range(1, count).Select(static i => new Shard($"shard{i}", $"10.0.4.{i + 10}:6379"))];

    /// <summary>All is well.</summary>
    public static DashboardState Healthy() => new PageStates().Build();

    /// <summary>One shard of three is dead.</summary>
    public static DashboardState OneDead() => new PageStates { Decided = static shard => shard != 1, Says = static (_, shard) => shard != 1 }.Build();

    /// <summary>Most checkers cannot reach two shards of three, and the brake holds that.</summary>
    public static DashboardState BrakeOn() => new PageStates { Says = static (checker, shard) => shard == 2 || checker == 2 }.Build();

    /// <summary>Everything that can be the matter with a shard at once.</summary>
    public static DashboardState Mixed(int count) => new PageStates
    {
        Cluster = "sessions",
        Shards = [.. Named(count).Select(static (shard, i) => shard with { Drained = i == 2 })],
        Decided = static shard => shard switch { 1 or 2 or 7 => false, 5 => null, _ => true },
        Says = static (checker, shard) => shard switch { 1 => false, 5 => checker == 0 ? true : null, 7 => false, _ => true },
        Suppressed = static shard => shard == 7 ? "it died 4 times within 10 min" : null,
    }.Build();

    public DashboardState Build()
    {
        var stat = new Stat(1, 2, Micro(Now) / 1000, Micro(Now) / 1000, 0, 0, 0, 0, 0, 0, 2);
        var statuses = Shards.Select((shard, i) => (shard, alive: Decided(i), i)).Where(static one => one.alive is not null)
            .Select(static one => new ShardStatus(one.shard.Addr, one.alive!.Value, Since(one.i, one.alive.Value)) { RunId = one.alive.Value ? RunOf(one.i) : null, Role = one.alive.Value ? "master" : null })
            .ToImmutableDictionary(static status => status.Addr, StringComparer.Ordinal);
        var votes = Checkers.Select((checker, place) => VoteOf(checker, place)).ToList();
        var cluster = new ZKClusterInfo(Cluster, Micro(Now.AddDays(-3)), Options, Shards) { Changed = Micro(Now.AddDays(-3)) / 1000 };
        var decisions = DecisionsOf(statuses);
        var paper = new BallotPaper(Shards, statuses, votes, Options.ExpectedCheckers, cluster.Version, Micro(Now)) { ReferenceTime = Micro(Now) / 1000, Decisions = decisions, BrakeHold = TimeSpan.FromSeconds(30) };
        var fleet = new Fleet(cluster, new BallotNodes(stat, new StatusNode(statuses, stat), votes, new DecisionsState(decisions, 0, null), 0), Ballot.Count(paper));
        var view = KeyPlace.ViewOf(cluster, statuses.Values);
        var picture = RingPicture.Of(view.Ring);
        var served = picture.ServedShares(i => fleet.StatusOf(Shards[i])?.Alive, Options.FailoverEnabled);
        List<FleetEvent> events = [.. FleetEvents.OnRecord(fleet), new(Micro(Now.AddDays(-3)), FleetEventKind.Topology, null, $"topology: shard {Shards[^1].Name} added at {Shards[^1].Addr}", [$"shard {Shards[^1].Name} added at {Shards[^1].Addr}"])];
        if (Checkers.Count > 0)
        {
            events.Add(new FleetEvent(Micro(Now.AddHours(-2)), FleetEventKind.Checkers, null, $"checker {fleet.Checkers[0].Name} is first in line now and decides", []));
        }

        return new DashboardState(Cluster, Now, new FleetNews(fleet, [], Trouble), view, TimeSpan.FromMilliseconds(400), Session, null)
        {
            Picture = picture,
            Shards = [.. Shards.Select((shard, i) => PanelOf(fleet, shard, i, picture.Shares[i], served[i]))],
            Events = [.. events.OrderByDescending(static e => e.At)],
            Alarms = [.. FleetAlarms.Of(fleet, [])],
        };
    }

    private static ShardPanel PanelOf(Fleet fleet, Shard shard, int index, double owned, double served)
    {
        var status = fleet.StatusOf(shard);
        var away = status is not { Alive: true };
        return new ShardPanel(shard, status, fleet.CountOf(shard), owned, served)
        {
            RoundTrips = [.. Enumerable.Range(0, Readings).Select(i => away && i > 48 ? (double?)null : 0.32 + (0.11 * Math.Sin((i + (index * 7)) * 0.7)) + (i == 31 + index ? 0.5 : 0))],
            Facts = away ? null : new ShardFacts(shard.Addr, ShardFacts.Parse(InfoOf(index)), null, TimeSpan.FromMilliseconds(0.4)),
            FactsTrouble = away && !shard.Drained && status is not null ? $"{shard.Addr} refused the connection" : null,
        };
    }

    private static string InfoOf(int index) =>
        $"redis_version:8.0.2\nrun_id:{RunOf(index)}\nused_memory:{1_288_490_188 + (index * 207_000_000L)}\nmaxmemory:4294967296\ninstantaneous_ops_per_sec:{3120 + (index * 417)}\ndb0:keys={1_204_331 + (index * 31_007)},expires=900,avg_ttl=0\n";

    private static string RunOf(int index) => $"{index + 161:x2}9f3c51e0d24b7788aa01c3d5e7f90b12340{index % 10}";

    private static long Since(int index, bool alive) => Micro(alive ? Now.AddDays(-3).AddSeconds(index) : Now.AddSeconds(-74 - index));

    private static long Micro(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private Vote VoteOf(string checker, int place)
    {
        var entries = Shards.Select((shard, i) => (shard, says: Says(place, i), i)).Where(static one => one.says is not null).Select(one =>
            new VoteEntry(new ShardStatus(one.shard.Addr, one.says!.Value, Since(one.i, one.says.Value)) { RunId = one.says.Value ? RunOf(one.i) : null })
            {
                Seen = Micro(Now),
                Checker = checker,
                RttMicroseconds = one.says.Value ? 340 + (40 * place) : null,
                Error = one.says.Value ? null : "Refused",
                Suppressed = Suppressed(one.i),
                SuppressedUntil = Suppressed(one.i) is null ? null : Micro(Now.AddMinutes(4)),
            });
        return new Vote($"n_{place + 12:d10}", 0, 0x100003a8f2c0010 + place, (Micro(Now) / 1000) - (1_300 * (place + 1)), entries.ToImmutableDictionary(static entry => entry.Status.Addr, StringComparer.Ordinal))
        {
            Checker = checker,
            Kind = VoterKind.RingKeeper,
        };
    }

    // Deaths as they were decided, one a shard, and the returns at the beginning.
    private ImmutableArray<Decision> DecisionsOf(ImmutableDictionary<string, ShardStatus> statuses)
    {
        if (Checkers.Count == 0)
        {
            return [];
        }

        Decision Of(Shard shard, DecisionKind kind, long stamp, string why) => new(stamp / 1000, stamp, "n_0000000012", Checkers[0],
        [
            new Flip(shard.Addr, kind, kind != DecisionKind.Return, kind == DecisionKind.Return, new ShardCount(shard.Addr, kind == DecisionKind.Return ? 3 : 0, kind == DecisionKind.Return ? 0 : 3, 0, 0, 3, why)
            {
                Votes = [.. Checkers.Select((checker, i) => new CountedVote($"n_{i + 12:d10}", checker, kind == DecisionKind.Return, false, 800 + (400 * i), kind == DecisionKind.Return ? null : "Refused", kind == DecisionKind.Return ? 340 : null, null))],
            }),
        ]);

        var known = Shards.Where(shard => statuses.ContainsKey(shard.Addr)).ToList();
        return
        [
            .. known.Where(shard => !statuses[shard.Addr].Alive).Select(shard => Of(shard, shard.Drained ? DecisionKind.Drain : DecisionKind.Death, statuses[shard.Addr].Since, shard.Drained ? "is drained: dead whatever the votes say (3 of 3 checkers say alive, 0 say dead)" : "is dead: 3 of 3 checkers say so, 0 say alive")),
            .. known.Select(shard => Of(shard, DecisionKind.Return, Micro(Now.AddDays(-3)), "is alive: 3 of 3 checkers say so, 0 say dead")).Take(20),
        ];
    }
}
