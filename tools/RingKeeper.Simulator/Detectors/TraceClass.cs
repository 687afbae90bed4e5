namespace RingKeeper.Simulator.Detectors;

/// <summary>A kind of trace.</summary>
/// <param name="Name">Its name in tables.</param>
/// <param name="Story">What happens in it.</param>
/// <param name="Fault">How it ends.</param>
/// <param name="Make">Makes one; each is another.</param>
internal sealed record TraceClass(string Name, string Story, TraceFault Fault, Func<Random, ProbeTrace> Make)
{
    /// <summary>Whether a real server gave it.</summary>
    public bool IsRecorded { get; init; }
}

/// <summary>How a server is lost.</summary>
internal enum TraceFault
{
    /// <summary>It stops answering and keeps its connections.</summary>
    Hang,

    /// <summary>Its process ends: connections close, new ones are refused.</summary>
    Crash,

    /// <summary>Its answers take longer and longer, and then there are none.</summary>
    SlowDeath,

    /// <summary>Its process ends and another takes its place before the next probe; what it held is gone.</summary>
    Restart,
}
