using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>What a client knows of its session between connections. Used under the session's lock.</summary>
internal sealed class SessionIdentity(TimeSpan wantedTimeout, TimeProvider time)
{
    // Belongs to the id; proves to a server that the session is ours.
    private byte[] _password = new byte[16];

    /// <summary>The session's id; 0 stands for "no session to keep".</summary>
    public long Id { get; private set; }

    public bool Exists => Id != 0;

    /// <summary>
    /// The last zxid of a normal reply. All events up to it have been delivered, which the zxids of notifications, pings, credentials
    /// and setWatches could not promise.
    /// </summary>
    public long LastZxid { get; set; }

    /// <summary>When the server was last heard, as a timestamp; while connected the connection knows better.</summary>
    public long LastContact { get; set; }

    /// <summary>When the last request that was answered had been sent, as a timestamp; while connected the connection knows better.</summary>
    public long LastAnsweredSend { get; set; }

    /// <summary>The timestamp from which on the servers may have ended the session; 0 before the first.</summary>
    public long Deadline => DeadlineAfter(LastAnsweredSend);

    public SessionTiming Timing { get; private set; } = new(wantedTimeout);

    /// <summary>How long there is hope; null without a session.</summary>
    public TimeSpan? TimeUntilGivenUp => Exists ? Timing.GiveUp - time.GetElapsedTime(LastContact) : null;

    /// <summary>
    /// How long reaching a server is of use: until the servers expire the session; past that until it is given up, for they may be late.
    /// Null without a session.
    /// </summary>
    public TimeSpan? TimeToReconnect => TimeUntilGivenUp is not { } left ? null
        : left > Timing.GiveUp - Timing.Timeout ? left - (Timing.GiveUp - Timing.Timeout)
        : left;

    /// <summary>Asks for the session there is, or for a new one. The timeout is the wanted one, not the one granted before.</summary>
    public ConnectRequest ToConnectRequest() => new(0, LastZxid, (int)wantedTimeout.TotalMilliseconds, Id, _password, ReadOnly: false);

    /// <summary>The deadline when what was sent then has been answered. Timestamps count in the clock's own ticks.</summary>
    public long DeadlineAfter(long answeredSend) =>
        answeredSend == 0 ? 0 : answeredSend + (long)(Timing.Timeout.TotalSeconds * time.TimestampFrequency);

    public void Adopt(ConnectResponse response, long askedAt)
    {
        LastAnsweredSend = askedAt;
        (Id, _password) = (response.SessionId, response.Password);
        Timing = new SessionTiming(TimeSpan.FromMilliseconds(response.TimeoutMs));
        LastContact = time.GetTimestamp();
    }

    public void Forget() => (Id, _password) = (0, new byte[16]);
}
