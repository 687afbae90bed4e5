using System.Collections.Immutable;

namespace RingKeeper.Simulator.Rivals;

/// <summary>What goes wrong in the runs that the rules are compared over.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Profile">The faults; clocks are as right as NTP keeps them.</param>
internal sealed record RivalScene(string Name, FaultProfile Profile)
{
    public static readonly ImmutableArray<RivalScene> All =
    [
        new("shards die and return with their data", Of(250, [(FaultKind.ShardHung, 10), (FaultKind.CheckerBlind, 1), (FaultKind.AllBlind, 2), (FaultKind.StatusUnseen, 3), (FaultKind.ClientPaused, 2)])),
        new("servers restart, with old data or none", Of(250, [(FaultKind.ShardCrashed, 10), (FaultKind.ShardRestarted, 6), (FaultKind.StatusUnseen, 3), (FaultKind.ClientPaused, 2)])),
        new("the topology changes", Of(250, [(FaultKind.TopologyReshaped, 10), (FaultKind.TopologyUnseen, 3), (FaultKind.ClientPaused, 2)])),
        new("all of it, and ZooKeeper fails too", FaultProfile.Caches with { ClockSpread = TimeSpan.FromMilliseconds(200) }),
    ];

    private static FaultProfile Of(int pause, ImmutableArray<(FaultKind Kind, int Weight)> weights) => FaultProfile.Caches with
    {
        Pause = TimeSpan.FromMilliseconds(pause),
        Unrest = 0.05,
        Weights = weights,
        ClockSpread = TimeSpan.FromMilliseconds(200),
    };
}
