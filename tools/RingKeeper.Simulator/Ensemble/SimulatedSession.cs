namespace RingKeeper.Simulator;

/// <summary>A session as the ensemble keeps it.</summary>
internal sealed class SimulatedSession(long id, TimeSpan timeout)
{
    public long Id { get; } = id;

    public TimeSpan Timeout { get; } = timeout;

    /// <summary>When it ends unless it is heard again.</summary>
    public long Deadline { get; set; }

    public bool IsOver { get; set; }

    /// <summary>The connection that speaks for it.</summary>
    public ServerConnection? Connection { get; set; }
}
