namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>Milliseconds since the server was made, for deadlines, and wall time, for stats.</summary>
internal sealed class ServerClock(TimeProvider timeProvider)
{
    private readonly long _start = timeProvider.GetTimestamp();

    public long ElapsedMs => (long)timeProvider.GetElapsedTime(_start).TotalMilliseconds;

    public long UtcMs => timeProvider.GetUtcNow().ToUnixTimeMilliseconds();
}
