using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace RingKeeper;

/// <summary>Gauges over the clients that are alive. Clients of one cluster in one process count as one: the one that is furthest behind.</summary>
internal sealed class ViewGauges : IDisposable
{
    private const string StateTag = "ringkeeper.shard.state";

    private static readonly ConcurrentDictionary<ViewGauges, string> Alive = new();
    private static readonly ObservableGauge<double> ViewAge = RingKeeperTelemetry.Meter.CreateObservableGauge(
        "ringkeeper.view.age", static () => Observe(static gauge => gauge._age().TotalSeconds, Enumerable.Max), "s", "How long ZooKeeper has not confirmed the view of a client; zero while it does.");

    private static readonly ObservableGauge<long> TopologyVersion = RingKeeperTelemetry.Meter.CreateObservableGauge(
        "ringkeeper.topology.version", static () => Observe(static gauge => gauge._view()?.TopologyVersion ?? 0, Enumerable.Min), null, "The mzxid of the topology that a client uses.");

    private static readonly ObservableGauge<int> ShardHealth = RingKeeperTelemetry.Meter.CreateObservableGauge(
        "ringkeeper.shard.health", ObserveShards, null, "1 for the state that each shard has by the view in use, 0 for the others.");

    private readonly Func<TimeSpan> _age;
    private readonly Func<ClusterView?> _view;

    /// <summary>Adds a client until it is disposed.</summary>
    public ViewGauges(string cluster, Func<TimeSpan> age, Func<ClusterView?> view)
    {
        (_age, _view) = (age, view);
        Alive[this] = cluster;

        // The first client makes the instruments.
        _ = (ViewAge, TopologyVersion, ShardHealth);
    }

    public void Dispose() => Alive.TryRemove(this, out _);

    private static IEnumerable<Measurement<T>> Observe<T>(Func<ViewGauges, T> read, Func<IEnumerable<T>, T> pick)
        where T : struct =>
        Alive.ToArray().GroupBy(static client => client.Value, client => read(client.Key), StringComparer.Ordinal)
            .Select(cluster => new Measurement<T>(pick(cluster), new KeyValuePair<string, object?>(RingKeeperTelemetry.ClusterTag, cluster.Key)));

    private static IEnumerable<Measurement<int>> ObserveShards() =>
        from cluster in Alive.ToArray().GroupBy(static client => client.Value, static client => client.Key._view(), StringComparer.Ordinal)
        let view = cluster.OfType<ClusterView>().MinBy(static view => (view.TopologyVersion, view.StatusVersion))
        where view is not null
        from shard in Enumerable.Range(0, view.Ring.Shards.Count)
        from state in ShardState.All
        select new Measurement<int>(
            ShardState.Of(view, shard) == state ? 1 : 0,
            new(RingKeeperTelemetry.ClusterTag, cluster.Key),
            new(RingKeeperTelemetry.ShardTag, view.Ring.Shards[shard].Name),
            new(StateTag, state));
}
