using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using RingKeeper.Simulator.Caches;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded.Tree;
using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.Simulator;

/// <summary>
/// One run: a fleet over a model of ZooKeeper, network and shards, in one thread and in virtual time, all of it following from one seed. First comes
/// a time of faults, then they end, and what must follow is waited for.
/// </summary>
internal sealed class Simulation
{
    public const string Cluster = "simulated";

    private const int ZooKeeperServers = 3;

    // Longer than anything that keeps a client from a change: the assumption that a warm return makes.
    private static readonly TimeSpan WarmReturn = TimeSpan.FromMinutes(1);

    private readonly SimulationOptions _options;
    private readonly Random _random;
    private readonly RunTrace _trace;
    private readonly List<SimulatedClient> _clients = [];
    private readonly FaultInjector _injector;
    private int _made;

    public Simulation(SimulationOptions options)
    {
        _options = options;
        _random = new Random(options.Seed);
        Mutation = options.Mutation;
        Profile = options.Profile;
        FlapPolicy = options.FlapPolicy ?? (Profile.HasCaches && options.Seed % 2 == 0 ? FlapPolicy.Off : (FlapPolicy?)null) ?? SimulationOptions.FlapPolicyOf(options.Seed);
        Timing = _random.Next(4) == 0 ? SimulatedTiming.Standard : SimulatedTiming.Short;
        CheckerCount = Profile.Checkers ?? DrawCheckerCount();
        var shardCount = (Profile.HasCaches ? 3 : 2) + _random.Next(4);
        var clientCount = Profile.HasCaches ? 4 : 2;
        var hosts = ZooKeeperServers + CheckerCount + shardCount + clientCount + 2;
        Network = new Network(Agenda, NextRandom(), Faults, hosts);
        Trouble = new TroubleLog(Agenda, Network, hosts);
        Ensemble = new SimulatedEnsemble(Agenda, Network, NextRandom(), [.. Enumerable.Range(0, ZooKeeperServers)]);
        CheckerHosts = [.. Enumerable.Range(ZooKeeperServers, CheckerCount).Select(n => new SimulatedHost(Agenda, n))];
        ShardHosts = [.. Enumerable.Range(ZooKeeperServers + CheckerCount, shardCount)];
        Shards = ShardHosts.Select(h => new SimulatedShard(Agenda, Network, h, $"10.0.0.{h}:6379")).ToImmutableDictionary(static s => s.Addr, StringComparer.Ordinal);
        ShardList = [.. ShardHosts.Select((h, i) => new Shard($"shard{i}", $"10.0.0.{h}:6379"))];
        Laws = new LawBook(this, options.Waived);
        _trace = new RunTrace(this);
        Ensemble.Committed = commit =>
        {
            _trace.Note(commit);
            Laws.Judge(commit);
            Caches?.Oracle.Views.Note(commit, Agenda.Now);
        };
        Ensemble.Expired = session =>
        {
            if (Laws.IsOurs(session.Id))
            {
                Faults.Count(FaultKind.SessionExpired);
            }
        };
        CreateCluster();
        Caches = Profile.HasCaches ? new CacheWorld(this, options) : null;
        for (var i = 0; i < clientCount; i++)
        {
            _clients.Add(new SimulatedClient(this, hosts - 1 - i, NextRandom()));
        }

        if (Caches is not null)
        {
            foreach (var client in _clients)
            {
                Caches.Join(client);
            }

            StepAllClocks(_random);
        }

        Manager = new SimulatedManager(this, hosts - 3, NextRandom());
        Checkers = [];
        for (var i = 0; i < CheckerCount; i++)
        {
            Checkers.Add(null);
            var place = i;
            Agenda.After(TimeSpan.FromMilliseconds(_random.Next(500)), () => StartChecker(place));
        }

        _injector = new FaultInjector(this, NextRandom());
    }

    public Agenda Agenda { get; } = new();

    /// <summary>The caches that clients keep; null where they keep none.</summary>
    public CacheWorld? Caches { get; }

    public FaultCounter Faults { get; } = new();

    public FaultProfile Profile { get; }

    public Mutation? Mutation { get; }

    public SimulatedTiming Timing { get; }

    public FlapPolicy FlapPolicy { get; }

    /// <summary>For how long at most a shard that is well again is called dead since it flapped.</summary>
    public TimeSpan LongestDamping => FlapPolicy switch
    {
        FlapPolicy.Decaying => DecayingPolicy.LongestHold,
        FlapPolicy.Off => 2 * Timing.Interval,
        _ => 10 * Timing.Threshold.TotalSeconds * 1.1 * Timing.Interval,
    };

    public int CheckerCount { get; }

    public Network Network { get; }

    public TroubleLog Trouble { get; }

    public SimulatedEnsemble Ensemble { get; }

    public LawBook Laws { get; }

    public SimulatedManager Manager { get; }

    public IReadOnlyList<SimulatedHost> CheckerHosts { get; }

    public IReadOnlyList<int> ShardHosts { get; }

    public ImmutableDictionary<string, SimulatedShard> Shards { get; }

    /// <summary>All shards there may be; the cluster has some of them.</summary>
    public ImmutableArray<Shard> ShardList { get; }

    /// <summary>The checkers by their hosts; null where none runs.</summary>
    public List<SimulatedChecker?> Checkers { get; }

    public List<GoVoter> GoVoters { get; } = [];

    public IReadOnlyList<SimulatedClient> Clients => _clients;

    public Random NextRandom() => new(unchecked((_options.Seed * 7_919) + (++_made * 104_729)));

    public ILogger LoggerOf(string source) => _trace.LoggerOf(source);

    /// <summary>Sets every clock anew, up to half the spread from the true time.</summary>
    public void StepAllClocks(Random random)
    {
        foreach (var host in CheckerHosts)
        {
            host.ClockOffset = Profile.ClockSpread * (random.NextDouble() - 0.5);
        }

        foreach (var client in _clients)
        {
            client.ClockOffset = Profile.ClockSpread * (random.NextDouble() - 0.5);
        }
    }

    public void StartChecker(int place)
    {
        if (Checkers[place] is not { IsRunning: true })
        {
            CheckerHosts[place].NoteTrouble();
            Checkers[place] = new SimulatedChecker(this, CheckerHosts[place], $"checker{place}", NextRandom());
        }
    }

    /// <summary>Runs it to its end.</summary>
    /// <param name="isInVain">Whether nobody wants to know the end any more; what it gives says nothing then.</param>
    public RunResult Run(Func<bool> isInVain)
    {
        _injector.Start(_options.FaultTime);
        Agenda.RunUntil(_options.FaultTime.Ticks, IsOver);
        var ending = new QuietEnding(this, NextRandom());
        if (!IsOver())
        {
            _injector.Stop();
            ending.Run(IsOver);
        }

        return new RunResult(_options.Seed, Faults, [.. Laws.Violations])
        {
            Commits = Ensemble.Log.Count,
            Decisions = Laws.Decisions,
            Steps = Agenda.Steps,
            VirtualTime = Agenda.Elapsed,
            Judged = [.. Laws.Judged],
            TimeToTruth = ending.TimeToTruth,
            TimeToDeath = ending.TimeToDeath,
            Trace = _trace.Last,
            Cache = Caches?.Oracle.Tally,
            Digest = _trace.Digest,
            Shape = string.Create(CultureInfo.InvariantCulture, $"{Profile.Name}, {CheckerCount} checkers, {ShardList.Length} shards, {(Timing == SimulatedTiming.Standard ? "standard" : "short")} times, flaps {FlapPolicy}"),
        };

        bool IsOver() => Laws.Violations.Count > 0 || isInVain();
    }

    private int DrawCheckerCount() => _random.Next(10) switch
    {
        0 => 1,
        1 => 2,
        < 6 => 3,
        6 => 4,
        < 9 => 5,
        _ => 7,
    };

    private void CreateCluster()
    {
        int? expected = _random.Next(2) == 0 ? CheckerCount : null;
        var options = new ZKClusterOptions { RingType = Profile.HasCaches && _random.Next(2) == 0 ? RingTypes.Consistent : RingTypes.Rendezvous, RingParams = Profile.HasCaches ? "20" : "160", ExpectedCheckers = Profile.HasGo ? null : expected, FlapPolicy = FlapPolicy, ClockTolerance = Profile.ClockTolerance, WarmReturn = Profile.HasCaches && _options.Seed % 3 != 0 ? WarmReturn : null };
        var session = Ensemble.Open(TimeSpan.FromHours(1));
        Ensemble.Write(session.Id, [new CreateOperation(OpCode.Create, ZKPaths.Root, [], Acl.OpenToWorld, 0)]);
        Ensemble.Write(session.Id, SimulatedManager.CreationOf(ShardList, options, Stamps.Next((ProcessClock.Start.Ticks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond, 0)));
        Ensemble.End(session);
    }
}
