namespace RingKeeper.Simulator;

/// <summary>A machine that runs one program after the other: its clock and what was wrong with it outlive them.</summary>
internal sealed class SimulatedHost(Agenda agenda, int number)
{
    private int _faults;
    private long _troubledUntil;

    public int Number { get; } = number;

    public TimeSpan ClockOffset { get; set; }

    /// <summary>Whether anything was wrong with it, or with its ways to ZooKeeper, since that time.</summary>
    public bool WasTroubled(long since) => _faults > 0 || _troubledUntil > since;

    public void BeginTrouble() => _faults++;

    public void EndTrouble()
    {
        _faults--;
        NoteTrouble();
    }

    public void NoteTrouble() => _troubledUntil = agenda.Now;
}
