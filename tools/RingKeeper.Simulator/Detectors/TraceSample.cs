namespace RingKeeper.Simulator.Detectors;

/// <summary>What a probe sent at some moment would have met.</summary>
/// <param name="At">The moment, from the start of the trace.</param>
/// <param name="Rtt">How long the answer took; null: none ever came.</param>
/// <param name="Outcome">What the answer was.</param>
/// <param name="Run">Which run of the server gave it; a restart counts one up.</param>
internal readonly record struct TraceSample(TimeSpan At, TimeSpan? Rtt, ProbeOutcome Outcome = ProbeOutcome.Alive, int Run = 0);
