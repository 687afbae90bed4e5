using RingKeeper.ZooKeeper.Wire;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>What a client knows of its session between connections. Used under the session's lock.</summary>
internal sealed class SessionIdentity(TimeSpan wantedTimeout, bool allowReadOnly, TimeProvider time)
{
    // Belongs to the id; proves to a server that the session is ours.
    private byte[] _password = new byte[16];

    /// <summary>The session's id; 0 stands for "no session to keep".</summary>
    public long Id { get; private set; }

    public bool Exists => Id != 0;

    /// <summary>
    /// Whether the id was given by a server without a quorum: no other server knows it, so it is not asked for again. It owns nothing, for such a server
    /// takes no writes.
    /// </summary>
    public bool IsLocal { get; private set; }

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
    public ConnectRequest ToConnectRequest() =>
        new(0, LastZxid, (int)wantedTimeout.TotalMilliseconds, IsLocal ? 0 : Id, IsLocal ? new byte[16] : _password, allowReadOnly);

    /// <summary>The deadline when what was sent then has been answered. Timestamps count in the clock's own ticks.</summary>
    public long DeadlineAfter(long answeredSend) =>
        answeredSend == 0 ? 0 : answeredSend + (long)(Timing.Timeout.TotalSeconds * time.TimestampFrequency);

    public void Adopt(ConnectResponse response, long askedAt)
    {
        // One that was known to the ensemble before stays so, whoever carries it on.
        IsLocal = response.ReadOnly == true && (IsLocal || !Exists);
        LastAnsweredSend = askedAt;
        (Id, _password) = (response.SessionId, response.Password);
        Timing = new SessionTiming(TimeSpan.FromMilliseconds(response.TimeoutMs));
        LastContact = time.GetTimestamp();
    }

    public void Forget() => (Id, _password, IsLocal) = (0, new byte[16], false);
}
