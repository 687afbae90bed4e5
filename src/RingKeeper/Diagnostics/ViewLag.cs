using System.Diagnostics.Metrics;

namespace RingKeeper;

/// <summary>Measures how far the views of clients were behind ZooKeeper when a change came into use.</summary>
internal static class ViewLag
{
    private const string ChangeTag = "ringkeeper.change";

    private static readonly InstrumentAdvice<double> Buckets = new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] };

    private static readonly Histogram<double> Lag = RingKeeperTelemetry.Meter.CreateHistogram(
        "ringkeeper.view.lag", "s", "From a change in ZooKeeper, by its server's clock, to the use of the view that holds it, by the client's: the difference of the clocks is in it.", null, Buckets);

    private static readonly Histogram<double> ApplyDuration = RingKeeperTelemetry.Meter.CreateHistogram(
        "ringkeeper.view.apply.duration", "s", "From the first watch event that told of a change to the use of the view that holds it.", null, Buckets);

    /// <summary>Records what a view that is now in use brought; the first view brings no change.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="last">The view before; null where there was none.</param>
    /// <param name="next">The view in use now.</param>
    /// <param name="topologyChanged">When the topology that was read changed, ms since the Unix epoch by ZooKeeper's clock.</param>
    /// <param name="statusChanged">When the status that was read changed, likewise.</param>
    /// <param name="now">The time by the local clock.</param>
    /// <param name="sinceEvent">How long ago the first watch event came; null where none told of the change.</param>
    public static void Record(string cluster, ClusterView? last, ClusterView next, long topologyChanged, long statusChanged, DateTimeOffset now, TimeSpan? sinceEvent)
    {
        if (last is null)
        {
            return;
        }

        var tag = new KeyValuePair<string, object?>(RingKeeperTelemetry.ClusterTag, cluster);
        if (next.TopologyVersion > last.TopologyVersion)
        {
            RingKeeperTelemetry.Record(Lag, SecondsFrom(topologyChanged, now), tag, new(ChangeTag, "topology"));
        }

        if (next.StatusVersion > last.StatusVersion)
        {
            RingKeeperTelemetry.Record(Lag, SecondsFrom(statusChanged, now), tag, new(ChangeTag, "status"));
        }

        if (sinceEvent is { } duration)
        {
            RingKeeperTelemetry.Record(ApplyDuration, duration.TotalSeconds, tag);
        }
    }

    // A client's clock that is behind ZooKeeper's must not make a lag below zero, which no histogram takes.
    private static double SecondsFrom(long changed, DateTimeOffset now) => Math.Max(0, (now - DateTimeOffset.UnixEpoch).TotalSeconds - (changed / 1000.0));
}
