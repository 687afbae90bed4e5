using System.Diagnostics.Metrics;

namespace RingKeeper;

/// <summary>Compares the own clock with one other: records the difference, and tells when it begins and ends to be an alarm. Safe for concurrent use.</summary>
/// <param name="clock">Names the other clock: <c>zookeeper</c>, or the address of a shard.</param>
/// <param name="cluster">The cluster whose checker asks, or null.</param>
internal sealed class ClockWatch(string clock, string? cluster = null)
{
    private static readonly Gauge<double> Differences = RingKeeperTelemetry.Meter.CreateGauge<double>(
        "ringkeeper.clock.difference", "s", "By how much another clock is ahead of this process's, as last measured.");

    private readonly KeyValuePair<string, object?>[] _tags = cluster is null ? [new("ringkeeper.clock", clock)] : [new("ringkeeper.clock", clock), new(RingKeeperTelemetry.ClusterTag, cluster)];
    private readonly ClockPolicy _policy = new();
    private readonly Lock _hearing = new();

    /// <summary>Hears a reading.</summary>
    /// <param name="reading">The reading.</param>
    /// <param name="tolerance">By how much clocks may differ.</param>
    /// <returns>What it changes.</returns>
    public ClockChange Hear(ClockReading reading, TimeSpan tolerance)
    {
        Differences.Record(reading.Difference.TotalSeconds, _tags);
        lock (_hearing)
        {
            return _policy.Hear(reading, tolerance);
        }
    }
}
