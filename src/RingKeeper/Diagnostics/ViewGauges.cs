using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace RingKeeper;

/// <summary>Gauges over the clients that are alive. Clients of one cluster in one process count as one: the one that is furthest behind.</summary>
internal sealed class ViewGauges : IDisposable
{
    private static readonly ConcurrentDictionary<ViewGauges, string> Alive = new();
    private static readonly ObservableGauge<double> ViewAge = RingKeeperTelemetry.Meter.CreateObservableGauge(
        "ringkeeper.view.age", static () => Observe(static gauge => gauge._age().TotalSeconds, Enumerable.Max), "s", "How long ZooKeeper has not confirmed the view of a client; zero while it does.");

    private static readonly ObservableGauge<long> TopologyVersion = RingKeeperTelemetry.Meter.CreateObservableGauge(
        "ringkeeper.topology.version", static () => Observe(static gauge => gauge._topologyVersion(), Enumerable.Min), null, "The mzxid of the topology that a client uses.");

    private readonly Func<TimeSpan> _age;
    private readonly Func<long> _topologyVersion;

    /// <summary>Adds a client until it is disposed.</summary>
    public ViewGauges(string cluster, Func<TimeSpan> age, Func<long> topologyVersion)
    {
        (_age, _topologyVersion) = (age, topologyVersion);
        Alive[this] = cluster;

        // The first client makes the instruments.
        _ = (ViewAge, TopologyVersion);
    }

    public void Dispose() => Alive.TryRemove(this, out _);

    private static IEnumerable<Measurement<T>> Observe<T>(Func<ViewGauges, T> read, Func<IEnumerable<T>, T> pick)
        where T : struct =>
        Alive.ToArray().GroupBy(static client => client.Value, client => read(client.Key), StringComparer.Ordinal)
            .Select(cluster => new Measurement<T>(pick(cluster), new KeyValuePair<string, object?>(RingKeeperTelemetry.ClusterTag, cluster.Key)));
}
