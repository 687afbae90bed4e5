namespace RingKeeper.Simulator;

/// <summary>A machine that runs one program after the other: its clock and what was wrong with it outlive them.</summary>
internal sealed class SimulatedHost(Agenda agenda, int number)
{
    private int _faults;
    private readonly Queue<(long At, TimeSpan Late)> _late = new();
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

    /// <summary>Notes that a message of its own to ZooKeeper, or the answer, was late.</summary>
    public void NoteLate(TimeSpan late)
    {
        _late.Enqueue((agenda.Now, late));
        while (_late.Peek().At < agenda.Now - TimeSpan.FromSeconds(5).Ticks)
        {
            _late.Dequeue();
        }
    }

    /// <summary>By how much its messages were late since that time, all in all: a step that asks one thing after the other takes so much longer.</summary>
    public TimeSpan Lateness(long since) => TimeSpan.FromTicks(_late.Where(l => l.At >= since).Sum(static l => l.Late.Ticks));

    public void NoteTrouble() => _troubledUntil = agenda.Now;
}
