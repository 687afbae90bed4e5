namespace RingKeeper.ZooKeeper;

/// <summary>How long a session that writes may count on its ephemeral znodes. Has no clock.</summary>
/// <remarks>
/// <para>A server that is cut off from the others answers pings and reads of a session that they have ended already, for up to syncLimit ticks. A write it cannot
/// commit. A follower tells the leader which sessions it heard from with the leader's pings, twice a tick, on the link that carries writes too. So once a write
/// sent at w is committed, the leader knew of every earlier touch of the same connection that was answered half a tick or more before w; and the session cannot end before
/// one timeout T after that touch was sent. A new leader grants each session T anew, and the handshake of a connection is answered by the leader itself.</para>
/// <para>The client does not know the tick. Servers grant no less than two of them unless minSessionTimeout says otherwise, so T/4 is half a tick or more.</para>
/// </remarks>
internal readonly record struct LeaseRules(TimeSpan Timeout, double Margin)
{
    /// <summary>T/4: how much earlier than the write is sent a touch must have been answered: one that was only sent may have been held up on the way and come along with the write.</summary>
    public TimeSpan Spacing => Timeout / 4;

    /// <summary>0.28 T: from the answer to one write to the next write while all goes well.</summary>
    public TimeSpan Interval => Timeout * 0.28;

    /// <summary>T/20: before a write that failed, while connected, is tried again.</summary>
    public TimeSpan RetryPause => Timeout / 20;

    /// <summary>How long after a touch the session is safe.</summary>
    public TimeSpan Length => Timeout * (1 - Margin);
}
