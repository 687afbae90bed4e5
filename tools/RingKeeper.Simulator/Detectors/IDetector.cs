namespace RingKeeper.Simulator.Detectors;

/// <summary>One way to tell a dead server from a living one by probing it. It asks for what it wants and is told what happens; it has no clock.</summary>
internal interface IDetector
{
    /// <summary>When it sends its next probe; null while it waits for an answer first.</summary>
    TimeSpan? NextProbe { get; }

    /// <summary>When it wants to be told the time, whatever comes; null: not at all.</summary>
    TimeSpan? Due { get; }

    bool IsDead { get; }

    /// <summary>Whether it has noticed that the server runs anew.</summary>
    bool NoticedRestart { get; }

    /// <summary>Whether it sees a connection close between two probes, and so never probes on a closed one.</summary>
    bool WatchesConnection { get; }

    /// <summary>A probe is sent.</summary>
    /// <returns>How long it waits for the answer; null: for ever.</returns>
    TimeSpan? OnProbe(TimeSpan now);

    /// <summary>A probe is over.</summary>
    /// <param name="outcome">How.</param>
    /// <param name="sentAt">When it was sent.</param>
    /// <param name="now">The time now.</param>
    /// <param name="run">Which run of the server answered.</param>
    void OnResult(ProbeOutcome outcome, TimeSpan sentAt, TimeSpan now, int run);

    void OnTime(TimeSpan now);

    /// <summary>An idle connection closed; only told to one that watches it.</summary>
    void OnClosed(TimeSpan now);
}
