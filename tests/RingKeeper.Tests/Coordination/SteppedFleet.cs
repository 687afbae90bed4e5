using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.Coordination;

/// <summary>Checkers over ZooKeeper in memory, in one thread and in virtual time: each takes a step when something wakes it and when its time has come.</summary>
internal sealed class SteppedFleet
{
    public const string Name = "c";

    public SteppedFleet(int shards = 2, int? expected = 3, FlapPolicy flapPolicy = FlapPolicy.Go)
    {
        ZooKeeper = new MemoryZooKeeper(Time);
        Hand = ZooKeeper.Connect();
        Addrs = [.. Enumerable.Range(1, shards).Select(i => $"10.0.0.{i}:6379")];
        Create(ZKPaths.Root, "goreclusters");
        Create(ZKPaths.Cluster(Name), "1");
        Create(ZKPaths.Shards(Name), Encoding.UTF8.GetString(ZNodeCodec.EncodeShards([.. Addrs.Select((a, i) => new Shard($"s{i + 1}", a))])));
        Create(ZKPaths.Options(Name), Encoding.UTF8.GetString(ZNodeCodec.EncodeOptions(new ZKClusterOptions { ExpectedCheckers = expected, MaxDeadPercent = 100, FlapPolicy = flapPolicy })));
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));

    public MemoryZooKeeper ZooKeeper { get; }

    /// <summary>A session for what is done by hand.</summary>
    public MemorySession Hand { get; }

    public ImmutableArray<string> Addrs { get; }

    public List<SteppedChecker> Checkers { get; } = [];

    public ImmutableDictionary<string, ShardStatus> Status => ZooKeeper.StatOf(ZKPaths.Status(Name)) is null ? [] : ZNodeCodec.DecodeStatuses("", ZooKeeper.Get(ZKPaths.Status(Name)).Data)!;

    public List<string> Line => Election.InOrder(ZooKeeper.Children(ZKPaths.LocalStatus(Name)));

    /// <summary>Adds a checker for which all shards are alive, and lets it take its place.</summary>
    public async Task<SteppedChecker> AddAsync(string? id = null, Func<ZKCheckerOptions, ZKCheckerOptions>? change = null)
    {
        var checker = new SteppedChecker(this, id ?? $"checker{Checkers.Count + 1}", change ?? (static o => o));
        Checkers.Add(checker);
        await checker.StepAsync();
        await SettleAsync();
        return checker;
    }

    public static async Task<SteppedFleet> OfThreeAsync(int shards = 2)
    {
        var fleet = new SteppedFleet(shards);
        for (var i = 0; i < 3; i++)
        {
            await fleet.AddAsync();
        }

        Assert.All(fleet.Addrs, addr => Assert.True(fleet.Status[addr].Alive));
        return fleet;
    }

    public ImmutableDictionary<string, VoteEntry> VoteOf(SteppedChecker checker) => ZNodeCodec.DecodeVote("", ZooKeeper.Get(ZKPaths.Vote(Name, checker.Steps.Node!)).Data)!;

    public Stat StatOf(SteppedChecker checker) => ZooKeeper.StatOf(ZKPaths.Vote(Name, checker.Steps.Node!))!.Value;

    /// <summary>Lets everybody do what it was woken for, and no time pass.</summary>
    public async Task SettleAsync()
    {
        for (var round = 0; Checkers.Any(c => c.IsWoken); round++)
        {
            Assert.True(round < 100, "The checkers wake each other without an end.");
            foreach (var checker in Checkers.Where(c => c.IsWoken).ToList())
            {
                await checker.StepAsync();
            }
        }
    }

    /// <summary>Lets time pass; each takes its steps when they are due.</summary>
    public async Task RunAsync(TimeSpan time)
    {
        var end = Time.GetUtcNow() + time;
        await SettleAsync();
        while (Checkers.Where(c => c.DueAt <= end).MinBy(c => c.DueAt) is { } next)
        {
            if (next.DueAt > Time.GetUtcNow())
            {
                Time.SetUtcNow(next.DueAt);
            }

            await next.StepAsync();
            await SettleAsync();
        }

        Time.SetUtcNow(end);
    }

    public void Create(string path, string data) => ZooKeeper.Single(ZooKeeperOp.Create(path, Encoding.UTF8.GetBytes(data)), session: 0);

    public void Set(string path, string data) => ZooKeeper.Single(ZooKeeperOp.SetData(path, Encoding.UTF8.GetBytes(data)), session: 0);
}

/// <summary>One checker of the fleet.</summary>
internal sealed class SteppedChecker : IShardObserver, ILogger
{
    private readonly SteppedFleet _fleet;
    private ImmutableDictionary<string, ShardObservation> _known;

    public SteppedChecker(SteppedFleet fleet, string id, Func<ZKCheckerOptions, ZKCheckerOptions> change)
    {
        _fleet = fleet;
        _known = fleet.Addrs.ToImmutableDictionary(a => a, a => new ShardObservation(a) { Alive = true, Since = 1, RunId = "r1", Role = "master", Rtt = TimeSpan.FromMilliseconds(2) });
        Session = fleet.ZooKeeper.Connect();
        var options = new ZKCheckerOptions { ZKServers = "memory", ClusterName = SteppedFleet.Name, CheckerId = id, TimeProvider = fleet.Time, Random = new Random(1) };
        Steps = new CheckerSteps(Session, change(options), this, () => IsWoken = true, this);
    }

    public MemorySession Session { get; }

    public CheckerSteps Steps { get; }

    public bool IsWoken { get; private set; }

    public DateTimeOffset DueAt { get; private set; }

    /// <summary>The lines of its log, with their ids.</summary>
    public List<(int Id, string Line)> Lines { get; } = [];

    public ZKCheckerHealth Health => Steps.Pulse.Describe(Steps.Node);

    public FlapPolicy? FlapPolicy { get; private set; }

    /// <summary>When the probes of a shard stopped to end, by address.</summary>
    public Dictionary<string, long> HangsSince { get; } = [];

    IReadOnlyDictionary<string, ShardObservation> IShardObserver.Observations => _known;

    public async Task StepAsync()
    {
        IsWoken = false;
        DueAt = _fleet.Time.GetUtcNow() + await Steps.TakeAsync(TestContext.Current.CancellationToken);
    }

    public Task StepIfWokenAsync() => IsWoken ? StepAsync() : Task.CompletedTask;

    /// <summary>What the probes found, told as the health part tells it.</summary>
    public void Find(string addr, Func<ShardObservation, ShardObservation> change)
    {
        _known = _known.SetItem(addr, change(_known[addr]));
        IsWoken = true;
    }

    public void FindDead(string addr) => Find(addr, o => o with { Alive = false, Since = o.Since + 1, Error = ProbeOutcome.Refused });

    /// <summary>It has given bad results, and not for so long that it is dead.</summary>
    public void FindFailing(string addr) => Find(addr, o => o with { FailingSince = 1, Error = ProbeOutcome.TimedOut });

    public void FindAlive(string addr) => Find(addr, o => o with { Alive = true, Since = o.Since + 1, Error = null });

    public void Hang(string addr) => HangsSince[addr] = _fleet.Time.GetTimestamp();

    ShardObservation? IShardObserver.Observe(string addr) =>
        _known.GetValueOrDefault(addr) is { } known ? known with { ProbedAt = HangsSince.TryGetValue(addr, out var since) ? since : _fleet.Time.GetTimestamp() } : null;

    void IShardObserver.SetShards(IReadOnlyList<Shard> shards) =>
        _known = shards.ToImmutableDictionary(s => s.Addr, s => _known.GetValueOrDefault(s.Addr) ?? new ShardObservation(s.Addr));

    void IShardObserver.SetFlapPolicy(FlapPolicy policy) => FlapPolicy = policy;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Add((eventId.Id, formatter(state, exception)));
}
