namespace RingKeeper.Simulator;

/// <summary>One process on one host: what reaches it runs at once, late while it is slow, after its pause while it is paused, and never once it is dead.</summary>
internal sealed class SimulatedProcess(Agenda agenda, int host)
{
    private readonly Queue<Action> _inbox = new();
    private long _busyUntil;

    /// <summary>The number of its host in the network.</summary>
    public int Host { get; } = host;

    public bool IsDead { get; private set; }

    public bool IsPaused { get; private set; }

    /// <summary>How long everything takes to reach it; zero normally.</summary>
    public TimeSpan Slowness { get; set; }

    public void Deliver(Action arrived)
    {
        if (IsDead)
        {
            return;
        }

        if (IsPaused || _inbox.Count > 0)
        {
            _inbox.Enqueue(arrived);
        }
        else if (Slowness > TimeSpan.Zero || _busyUntil > agenda.Now)
        {
            _inbox.Enqueue(arrived);
            _busyUntil = agenda.Now + Slowness.Ticks;
            agenda.At(_busyUntil, Drain);
        }
        else
        {
            arrived();
        }
    }

    public void After(TimeSpan delay, Action run) => agenda.After(delay, () => Deliver(run));

    public void Pause() => IsPaused = true;

    public void Resume()
    {
        if (IsPaused)
        {
            IsPaused = false;
            agenda.After(TimeSpan.Zero, Drain);
        }
    }

    public void Kill()
    {
        IsDead = true;
        _inbox.Clear();
    }

    private void Drain()
    {
        while (!IsPaused && _inbox.TryDequeue(out var next))
        {
            next();
        }
    }
}
