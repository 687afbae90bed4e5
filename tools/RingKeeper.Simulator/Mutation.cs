using RingKeeper.Simulator.Caches;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Simulator;

/// <summary>A way to spoil the rules under test, from outside: what is counted, what is written, what is heard.</summary>
/// <param name="Name">Its name.</param>
/// <param name="What">What is wrong with it.</param>
internal sealed record Mutation(string Name, string What)
{
    /// <summary>What is counted instead; null: as the product does.</summary>
    public Func<BallotPaper, BallotResult>? Count { get; init; }

    /// <summary>What is written instead of a multi.</summary>
    public Func<IReadOnlyList<ZooKeeperOp>, IReadOnlyList<ZooKeeperOp>>? Rewrite { get; init; }

    /// <summary>Which events of lasting watches are heard.</summary>
    public Func<WatchedEvent, bool>? Hears { get; init; }

    /// <summary>What a cache routes by instead of its client's view.</summary>
    public Func<ClusterView, ClusterView>? View { get; init; }

    /// <summary>What a cache takes for its route instead.</summary>
    public Func<ClusterView, RouteDecision, RouteDecision>? Route { get; init; }

    /// <summary>What is written instead of a copy.</summary>
    public Func<byte[], byte[]>? Copy { get; init; }

    /// <summary>What the write scripts leave out.</summary>
    public ScriptFlaws Script { get; init; }

    /// <summary>Whether a client takes a status as it is, however its stamps compare to those it knew.</summary>
    public bool ForgetsStamps { get; init; }

    /// <summary>Whether it is about copies alone, and shows only where caches are kept.</summary>
    public bool IsOfCaches { get; init; }

    public void Apply(SimulatedStore store)
    {
        store.Rewrite = Rewrite;
        store.Hears = Hears ?? store.Hears;
    }
}
