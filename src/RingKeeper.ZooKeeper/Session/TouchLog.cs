namespace RingKeeper.ZooKeeper.Session;

/// <summary>
/// When the requests of one connection were sent, and when they were answered: each of them told a server, in between, that the session lives. Written by the
/// connection's reader alone, read by anybody; takes no lock.
/// </summary>
internal sealed class TouchLog(TimeProvider time, TimeSpan sessionTimeout)
{
    private const int Slots = 24;

    // Together the slots reach back three quarters of a session timeout or more: further than any spacing asked for, though answers take their time.
    private const int StepsInTimeout = 32;

    private readonly long _step = Math.Max(1, (long)(sessionTimeout.TotalSeconds * time.TimestampFrequency / StepsInTimeout));
    private readonly long[] _sent = new long[Slots];
    private readonly long[] _answered = new long[Slots];
    private long _count;
    private long _newest;

    // 0: not known.
    private long _opened;

    /// <summary>The handshake that opened the connection was sent then. The servers' leader itself has answered it.</summary>
    public void Open(long sentAt) => Volatile.Write(ref _opened, sentAt);

    /// <summary>A request that was sent then, or later, is answered; the answer was there at latest at the second time.</summary>
    public void Note(long sentAt, long answeredAt)
    {
        if (sentAt - _newest < _step)
        {
            return;
        }

        _newest = sentAt;
        var slot = _count % Slots;

        // A reader must not take the new sending for one that was answered when the old one was.
        Volatile.Write(ref _answered[slot], long.MaxValue);
        Volatile.Write(ref _sent[slot], sentAt);
        Volatile.Write(ref _answered[slot], answeredAt);
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>
    /// When the last touch was sent that a server certainly had heard by then, since its answer was there; or the handshake, if it is later. Null where none is known.
    /// </summary>
    /// <remarks>The time of sending alone does not tell: what is held up on the way may reach the server together with what is sent much later.</remarks>
    public long? Before(long at)
    {
        var best = Volatile.Read(ref _opened);
        for (var i = 0; i < Slots; i++)
        {
            var answered = Volatile.Read(ref _answered[i]);
            var sent = Volatile.Read(ref _sent[i]);
            best = answered <= at && sent > best && Volatile.Read(ref _answered[i]) == answered ? sent : best;
        }

        return best == 0 ? null : best;
    }
}
