namespace RingKeeper.Simulator;

/// <summary>One direction of a connection: messages arrive in order; while the way is blocked they are sent again and again.</summary>
internal sealed class Pipe(Network network, int from, int to)
{
    private static readonly TimeSpan FirstRetransmission = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRetransmission = TimeSpan.FromSeconds(1);

    private readonly Queue<(long Earliest, Action Arrive)> _messages = new();
    private TimeSpan _retransmission = FirstRetransmission;
    private bool _isUnderWay;
    private bool _isCut;

    public void Send(Action arrive, TimeSpan late = default)
    {
        if (_isCut)
        {
            return;
        }

        _messages.Enqueue((network.Agenda.Now + (network.Latency(from, to) + late).Ticks, arrive));
        if (!_isUnderWay)
        {
            _isUnderWay = true;
            network.Agenda.At(_messages.Peek().Earliest, Arrive);
        }
    }

    /// <summary>Loses what is under way.</summary>
    public void Cut()
    {
        _isCut = true;
        _messages.Clear();
    }

    private void Arrive()
    {
        if (_isCut)
        {
            return;
        }

        if (network.IsBlocked(from, to))
        {
            network.Agenda.After(_retransmission, Arrive);
            _retransmission = TimeSpan.FromTicks(Math.Min(_retransmission.Ticks * 2, LongestRetransmission.Ticks));
            return;
        }

        _retransmission = FirstRetransmission;
        _messages.Dequeue().Arrive();
        if (_messages.TryPeek(out var next))
        {
            network.Agenda.At(next.Earliest, Arrive);
        }
        else
        {
            _isUnderWay = false;
        }
    }
}
