using System.Collections.Immutable;

namespace RingKeeper.Simulator;

/// <summary>What may go wrong in a run, and how often.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Pause">The mean time between two faults.</param>
/// <param name="Unrest">How likely a message to or from ZooKeeper meets a fault of its own.</param>
/// <param name="Weights">What is drawn, and how often.</param>
internal sealed record FaultProfile(string Name, TimeSpan Pause, double Unrest, ImmutableArray<(FaultKind Kind, int Weight)> Weights)
{
    /// <summary>Anything at any time.</summary>
    public static readonly FaultProfile Everything = new("everything", TimeSpan.FromMilliseconds(100), 0.25,
    [
        (FaultKind.CheckerCrashed, 6), (FaultKind.CheckerStopped, 2), (FaultKind.CheckerPaused, 10), (FaultKind.CheckerSlow, 5), (FaultKind.CheckerWedged, 4), (FaultKind.ClockStepped, 6),
        (FaultKind.LinkCut, 10), (FaultKind.LinkCutOneWay, 10), (FaultKind.ConnectionReset, 12), (FaultKind.ShardCrashed, 14), (FaultKind.ShardHung, 6), (FaultKind.ShardSlow, 6),
        (FaultKind.ShardLoading, 3), (FaultKind.ShardRestarted, 4), (FaultKind.MassDeath, 2), (FaultKind.CheckerBlind, 6), (FaultKind.AllBlind, 1), (FaultKind.ServerCrashed, 3),
        (FaultKind.ServerCutOff, 3), (FaultKind.FollowerLags, 8), (FaultKind.EnsembleDown, 1), (FaultKind.EnsembleLed, 1), (FaultKind.TopologyChanged, 2), (FaultKind.ShardDrained, 1), (FaultKind.ClusterRecreated, 1),
    ]);

    /// <summary>Shards come and go many times a second while messages are late: decisions overtake each other.</summary>
    public static readonly FaultProfile Races = new("races", TimeSpan.FromMilliseconds(60), 0.45,
    [
        (FaultKind.ShardCrashed, 20), (FaultKind.LinkCut, 20), (FaultKind.LinkCutOneWay, 5), (FaultKind.CheckerPaused, 8), (FaultKind.CheckerSlow, 8), (FaultKind.FollowerLags, 10), (FaultKind.ConnectionReset, 8), (FaultKind.ClockStepped, 4),
        (FaultKind.CheckerCrashed, 2), (FaultKind.CheckerWedged, 6),
    ]);

    /// <summary>Less than half of the checkers are ill, and the shards are well: nothing may die.</summary>
    public static readonly FaultProfile FewBlind = new("few blind", TimeSpan.FromMilliseconds(80), 0.25,
    [
        (FaultKind.CheckerBlind, 20), (FaultKind.CheckerPaused, 8), (FaultKind.CheckerWedged, 4), (FaultKind.CheckerCrashed, 4), (FaultKind.LinkCut, 8), (FaultKind.LinkCutOneWay, 8), (FaultKind.ClockStepped, 4),
    ])
    { OnlyFew = true };

    /// <summary>Only the shards are ill: no checker may lose its place.</summary>
    public static readonly FaultProfile ShardsOnly = new("shards only", TimeSpan.FromMilliseconds(100), 0,
    [
        (FaultKind.ShardCrashed, 20), (FaultKind.ShardHung, 8), (FaultKind.ShardSlow, 6), (FaultKind.ShardLoading, 4), (FaultKind.ShardRestarted, 6), (FaultKind.MassDeath, 4),
    ]);

    /// <summary>As everything, with checkers of the Go package among ours.</summary>
    public static readonly FaultProfile WithGo = Everything with
    {
        Name = "with Go",
        HasGo = true,
        Weights = [.. Everything.Weights.Where(static w => w.Kind != FaultKind.ShardDrained), (FaultKind.GoVoterCame, 4), (FaultKind.GoVoterWent, 4)],
    };

    /// <summary>Clients keep caches, and whatever moves keys, hides changes or brings old data back happens all the time.</summary>
    public static readonly FaultProfile Caches = new("caches", TimeSpan.FromMilliseconds(250), 0.1,
    [
        (FaultKind.ShardCrashed, 20), (FaultKind.ShardHung, 8), (FaultKind.ShardLoading, 2), (FaultKind.ShardRestarted, 12), (FaultKind.MassDeath, 1), (FaultKind.AllBlind, 1), (FaultKind.CheckerBlind, 2), (FaultKind.CheckerPaused, 2),
        (FaultKind.CheckerCrashed, 2), (FaultKind.ClockStepped, 3), (FaultKind.ConnectionReset, 4), (FaultKind.ServerCrashed, 2), (FaultKind.ServerCutOff, 2), (FaultKind.FollowerLags, 6), (FaultKind.EnsembleDown, 1), (FaultKind.EnsembleLed, 1),
        (FaultKind.TopologyReshaped, 16), (FaultKind.ShardDrained, 2), (FaultKind.GoManagerWrote, 6), (FaultKind.TopologyUnseen, 10), (FaultKind.StatusUnseen, 10), (FaultKind.ClientPaused, 5), (FaultKind.LinkBroken, 8), (FaultKind.KeysEvicted, 3),
    ])
    { HasCaches = true };

    /// <summary>As caches, with managers of the Go package that change the cluster again before anybody has put their last change on record.</summary>
    public static readonly FaultProfile CachesAndGoManagers = Caches with
    {
        Name = "caches and Go managers",
        Weights = [.. Caches.Weights.Where(static w => w.Kind != FaultKind.GoManagerWrote), (FaultKind.GoManagerWrote, 60)],
    };

    /// <summary>As caches, in the format of the Go package, with all clocks within the tolerance that clusters have by default.</summary>
    public static readonly FaultProfile GoreLib = Caches with { Name = "GoreLib", Format = CacheFormat.GoreLib, ClockSpread = TimeSpan.FromMilliseconds(100) };

    /// <summary>The same with clocks further apart, and a tolerance for it.</summary>
    public static readonly FaultProfile GoreLibTolerant = GoreLib with { Name = "GoreLib, 2 s", ClockTolerance = TimeSpan.FromSeconds(2), ClockSpread = TimeSpan.FromSeconds(1.5) };

    /// <summary>The same with clocks as far apart as the product's own format bears; here nothing is promised, and what goes wrong is counted.</summary>
    public static readonly FaultProfile GoreLibFarApart = GoreLib with { Name = "GoreLib, far apart", ClockSpread = TimeSpan.FromSeconds(20) };

    public static readonly ImmutableArray<FaultProfile> OfGoreLib = [GoreLib, GoreLibTolerant];

    /// <summary>As caches, with little else than shards that die and return, and keys that are evicted at any moment.</summary>
    public static readonly FaultProfile CachesThatFill = Caches with
    {
        Name = "caches that fill",
        Unrest = 0,
        Weights = [(FaultKind.ShardCrashed, 10), (FaultKind.KeysEvicted, 90), (FaultKind.ClientPaused, 5)],
    };

    /// <summary>As caches, with little else than shards that die and return between two changes of the topology.</summary>
    public static readonly FaultProfile CachesThatFailOver = Caches with
    {
        Name = "caches that fail over",
        Pause = TimeSpan.FromSeconds(1),
        Unrest = 0,
        Weights = [(FaultKind.ShardCrashed, 20), (FaultKind.TopologyReshaped, 6), (FaultKind.TopologyUnseen, 2)],
    };

    public static readonly ImmutableArray<FaultProfile> OfCaches = [Caches, Caches, CachesAndGoManagers];

    public static readonly ImmutableArray<FaultProfile> All = [Everything, Races, FewBlind, ShardsOnly, WithGo];

    /// <summary>Whether less than half of the checkers may be ill at a time.</summary>
    public bool OnlyFew { get; init; }

    /// <summary>Whether checkers of the Go package take part.</summary>
    public bool HasGo { get; init; }

    /// <summary>Whether clients keep caches on the shards.</summary>
    public bool HasCaches { get; init; }

    /// <summary>In which format they keep copies.</summary>
    public CacheFormat Format { get; init; }

    /// <summary>The clock tolerance of the cluster; null: the default.</summary>
    public TimeSpan? ClockTolerance { get; init; }

    /// <summary>How far clocks lie apart where clients keep caches.</summary>
    public TimeSpan ClockSpread { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How many checkers there are; null: drawn.</summary>
    public int? Checkers { get; init; }

    /// <summary>The profile of a run among many.</summary>
    public static FaultProfile Of(int seed) => All[(int)((uint)seed % (uint)All.Length)];

    /// <summary>The profile of a run among many in which they keep them in the format of the Go package.</summary>
    public static FaultProfile OfGoreLibRun(int seed) => OfGoreLib[(int)((uint)seed % (uint)OfGoreLib.Length)];

    /// <summary>The profile of a run among many in which clients keep caches.</summary>
    public static FaultProfile OfCache(int seed) => OfCaches[(int)((uint)seed % (uint)OfCaches.Length)];
}
