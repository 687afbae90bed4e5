namespace RingKeeper.ZooKeeper;

/// <summary>What a server tells of itself (srvr). A figure that it does not tell is null.</summary>
/// <param name="Version">Its version, such as <c>3.8.0</c>.</param>
/// <param name="Mode">What it is: <c>standalone</c>, <c>leader</c>, <c>follower</c>, <c>observer</c> or <c>read-only</c>.</param>
/// <param name="Zxid">The last transaction it has applied.</param>
/// <param name="Received">The packets it has received.</param>
/// <param name="Sent">The packets it has sent.</param>
/// <param name="Connections">The connections it holds.</param>
/// <param name="Outstanding">The requests that wait in it.</param>
/// <param name="NodeCount">The znodes it holds.</param>
/// <param name="MinLatency">The shortest time it took for a request.</param>
/// <param name="AverageLatency">The average of that time.</param>
/// <param name="MaxLatency">The longest of that time.</param>
/// <param name="Text">The answer as the server wrote it.</param>
public sealed record ZooKeeperServerStatistics(
    string? Version,
    string? Mode,
    long? Zxid,
    long? Received,
    long? Sent,
    long? Connections,
    long? Outstanding,
    long? NodeCount,
    TimeSpan? MinLatency,
    TimeSpan? AverageLatency,
    TimeSpan? MaxLatency,
    string Text);
