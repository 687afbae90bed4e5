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

    public void Apply(SimulatedStore store)
    {
        store.Rewrite = Rewrite;
        store.Hears = Hears ?? store.Hears;
    }
}
