namespace RingKeeper.IntegrationTests.Proof;

/// <summary>All that was asked and answered in a run, and what is there at its end.</summary>
internal sealed class RunHistory
{
    /// <summary>Gets the operations, in no order.</summary>
    public List<Operation> Operations { get; init; } = [];

    /// <summary>Gets the registers at the end, read behind a sync when all was quiet.</summary>
    public Dictionary<string, RegisterState> Registers { get; init; } = [];

    /// <summary>Gets the znodes with a name of their own that are there at the end, and what they hold.</summary>
    public Dictionary<string, string> Nodes { get; init; } = [];

    /// <summary>Gets the session of each client at the end: an ephemeral znode of an earlier one is gone.</summary>
    public Dictionary<int, int> Epochs { get; init; } = [];
}
