namespace RingKeeper.Simulator;

/// <summary>Which host reaches which, in each direction by itself, and how fast.</summary>
internal sealed class Network(Agenda agenda, Random random, FaultCounter faults, int hosts)
{
    private readonly int[,] _blocks = new int[hosts, hosts];
    private readonly TimeSpan[,] _extra = new TimeSpan[hosts, hosts];

    /// <summary>How likely a message meets a fault of its own: it is late, or its connection breaks before or after it.</summary>
    public double Unrest { get; set; }

    public Agenda Agenda => agenda;

    public bool IsBlocked(int from, int to) => _blocks[from, to] > 0;

    public bool IsDisturbed(int from, int to) => _blocks[from, to] > 0 || _blocks[to, from] > 0 || _extra[from, to] > TimeSpan.Zero || _extra[to, from] > TimeSpan.Zero;

    public void Block(int from, int to) => _blocks[from, to]++;

    public void Unblock(int from, int to) => _blocks[from, to]--;

    public void Slow(int from, int to, TimeSpan extra) => _extra[from, to] = extra;

    /// <summary>How long a message takes now.</summary>
    public TimeSpan Latency(int from, int to) => TimeSpan.FromTicks(3_000 + random.Next(12_000)) + _extra[from, to];

    /// <summary>Draws the fault of one message.</summary>
    public MessageFault DrawFault()
    {
        if (Unrest == 0 || random.NextDouble() >= Unrest)
        {
            return MessageFault.None;
        }

        switch (random.Next(20))
        {
            case 0:
                faults.Count(FaultKind.RequestLost);
                return MessageFault.LostBefore;
            case 1:
                faults.Count(FaultKind.ReplyLost);
                return MessageFault.LostAfter;
            default:
                faults.Count(FaultKind.MessageLate);
                return MessageFault.Late;
        }
    }

    /// <summary>How late a late message is.</summary>
    public TimeSpan Lateness() => TimeSpan.FromMilliseconds(1 + (random.NextDouble() * random.NextDouble() * 400));
}

/// <summary>What happens to one message.</summary>
internal enum MessageFault
{
    None,
    Late,
    LostBefore,
    LostAfter,
}
