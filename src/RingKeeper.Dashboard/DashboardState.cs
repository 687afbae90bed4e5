using System.Collections.Immutable;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Dashboard;

/// <summary>Everything that the page shows of one cluster, at one moment. Immutable.</summary>
/// <param name="Cluster">The cluster's name.</param>
/// <param name="At">When it was put together, by this machine's clock.</param>
/// <param name="News">The fleet as it stands in ZooKeeper, and why it could not be read anew.</param>
/// <param name="View">What this process's client routes by; null before it is connected.</param>
/// <param name="ViewAge">How long ZooKeeper has not vouched for the view.</param>
/// <param name="Session">This process's ZooKeeper session.</param>
/// <param name="SessionTrouble">What is wrong with it and what to do, or null.</param>
internal sealed record DashboardState(
    string Cluster, DateTimeOffset At, FleetNews News, ClusterView? View, TimeSpan ViewAge, SessionSnapshot Session, string? SessionTrouble)
{
    /// <summary>Orders the states of one feed: the clock may be set back.</summary>
    public long Serial { get; init; }

    /// <summary>The ring of the topology in <see cref="News"/>; null before the first reading.</summary>
    public RingPicture? Picture { get; init; }

    /// <summary>The shards in the order of the ring.</summary>
    public ImmutableArray<ShardPanel> Shards { get; init; } = [];

    /// <summary>What happened, newest first.</summary>
    public ImmutableArray<FleetEvent> Events { get; init; } = [];

    /// <summary>What a person should know, the worst first: the fleet's, and those of this process (view old, clocks apart, ZooKeeper away).</summary>
    public ImmutableArray<FleetAlarm> Alarms { get; init; } = [];
}
