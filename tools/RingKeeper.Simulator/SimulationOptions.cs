using RingKeeper.Simulator.Rivals;

namespace RingKeeper.Simulator;

/// <summary>What makes one run what it is.</summary>
/// <param name="Seed">All that is drawn follows from it.</param>
/// <param name="Profile">What may go wrong.</param>
internal sealed record SimulationOptions(int Seed, FaultProfile Profile)
{
    /// <summary>How long things go wrong.</summary>
    public TimeSpan FaultTime { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How checkers damp flapping shards; null: drawn.</summary>
    public FlapPolicy? FlapPolicy { get; init; }

    /// <summary>Laws that may be broken, to look past what is known.</summary>
    public IReadOnlyCollection<Law> Waived { get; init; } = [];

    /// <summary>By which rule clients keep their caches.</summary>
    public CacheRule Rule { get; init; }

    /// <summary>Whether rules are compared: clients do only what all rules can.</summary>
    public bool IsCompared { get; init; }

    /// <summary>How the rules under test are spoiled; null: not at all.</summary>
    public Mutation? Mutation { get; init; }

    /// <summary>The damping of a run among many: mostly the default, each other one with every profile.</summary>
    public static FlapPolicy FlapPolicyOf(int seed) => ((uint)seed / (uint)FaultProfile.All.Length % 16) switch
    {
        12 => RingKeeper.FlapPolicy.Decaying,
        3 or 9 => RingKeeper.FlapPolicy.Off,
        _ => RingKeeper.FlapPolicy.Go,
    };
}
