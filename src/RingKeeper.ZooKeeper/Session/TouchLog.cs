namespace RingKeeper.ZooKeeper.Session;

/// <summary>
/// When the requests of one connection were sent that were answered: each of them told a server that the session lives. Written by the connection's reader
/// alone, read by anybody; takes no lock.
/// </summary>
internal sealed class TouchLog(TimeProvider time, TimeSpan sessionTimeout)
{
    private const int Slots = 16;

    // Together the slots reach back half a session timeout or more: further than any spacing asked for.
    private readonly long _step = Math.Max(1, (long)(sessionTimeout.TotalSeconds * time.TimestampFrequency / (2 * Slots)));
    private readonly long[] _sent = new long[Slots];
    private long _count;
    private long _newest;

    // 0: not known.
    private long _opened;

    /// <summary>The handshake that opened the connection was sent then. The servers' leader itself has answered it.</summary>
    public void Open(long sentAt) => Volatile.Write(ref _opened, sentAt);

    /// <summary>A request that was sent then, or later, is answered.</summary>
    public void Note(long sentAt)
    {
        if (sentAt - _newest < _step)
        {
            return;
        }

        _newest = sentAt;
        Volatile.Write(ref _sent[_count % Slots], sentAt);
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>The last touch up to then, or that of the handshake if it is later; null where none is known.</summary>
    public long? Before(long at)
    {
        var best = Volatile.Read(ref _opened);
        for (var i = 0; i < Slots; i++)
        {
            var sent = Volatile.Read(ref _sent[i]);
            best = sent <= at && sent > best ? sent : best;
        }

        return best == 0 ? null : best;
    }
}
