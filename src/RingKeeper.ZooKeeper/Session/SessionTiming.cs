namespace RingKeeper.ZooKeeper.Session;

/// <summary>The deadlines that follow from the negotiated session timeout T.</summary>
internal readonly record struct SessionTiming(TimeSpan Timeout)
{
    /// <summary>T/3: a connection that sent nothing for this long pings.</summary>
    public TimeSpan PingInterval => Timeout / 3;

    /// <summary>2/3 T: a connection that heard nothing for this long is dead; T/3 remains to find another server.</summary>
    public TimeSpan ReadTimeout => Timeout * 2 / 3;

    /// <summary>4/3 T: without contact for this long the server has expired the session, whatever the skew of the clocks.</summary>
    public TimeSpan GiveUp => Timeout * 4 / 3;

    /// <summary>min(1 s, T/3): how long closing waits for the server's word.</summary>
    public TimeSpan CloseWait => TimeSpan.FromTicks(Math.Min(TimeSpan.TicksPerSecond, PingInterval.Ticks));
}
