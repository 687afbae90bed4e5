namespace RingKeeper.Simulator;

/// <summary>What makes one run what it is.</summary>
/// <param name="Seed">All that is drawn follows from it.</param>
/// <param name="Profile">What may go wrong.</param>
internal sealed record SimulationOptions(int Seed, FaultProfile Profile)
{
    /// <summary>How long things go wrong.</summary>
    public TimeSpan FaultTime { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Laws that may be broken, to look past what is known.</summary>
    public IReadOnlyCollection<Law> Waived { get; init; } = [];

    /// <summary>How the rules under test are spoiled; null: not at all.</summary>
    public Mutation? Mutation { get; init; }
}
