using System.Text;

namespace RingKeeper;

/// <summary>Where a key belongs and where it is served now. Pure.</summary>
/// <param name="Key">The key.</param>
/// <param name="Owner">The name of its owner.</param>
/// <param name="Order">The names of the shards that stand in for each other, the owner first.</param>
/// <param name="ServedBy">The name of the shard that serves it, or null.</param>
/// <param name="Outcome">What a client does with it, for people.</param>
/// <param name="ValidSince">Its epoch, µs; null while no shard serves it.</param>
internal sealed record KeyPlace(string Key, string Owner, IReadOnlyList<string> Order, string? ServedBy, string Outcome, long? ValidSince)
{
    /// <summary>Places a key by a view.</summary>
    public static KeyPlace Of(ClusterView view, string key)
    {
        var bytes = Encoding.UTF8.GetBytes(key);
        var order = new int[view.Ring.Shards.Count];
        var count = view.Ring.GetOrder(bytes, order);
        var route = view.Route(bytes, RoutePolicy.Failover);
        var served = route.Outcome == RouteOutcome.Served;
        return new KeyPlace(
            key,
            view.Ring.Shards[order[0]].Name,
            [.. order.Take(count).Select(i => view.Ring.Shards[i].Name)],
            served ? view.Ring.Shards[route.ShardIndex].Name : null,
            route.Outcome switch { RouteOutcome.Served => "served", RouteOutcome.NotReady => "undecided", _ => "no shard available" },
            served ? view.ExactValidSince(bytes, RoutePolicy.Failover) : null);
    }

    /// <summary>The view that a client would have of a fleet.</summary>
    /// <exception cref="RingKeeperException">The ring cannot be built.</exception>
    public static ClusterView ViewOf(ZKClusterInfo cluster, IEnumerable<ShardStatus> statuses)
    {
        var byAddr = statuses.Where(static s => s.Addr.Length > 0).GroupBy(static s => s.Addr, StringComparer.Ordinal)
            .ToDictionary(static g => g.Key, static g => g.Last(), StringComparer.Ordinal);
        return new ClusterView(
            cluster.Options.CreateRingBuilder().Build(cluster.Shards), cluster.Options.FailoverEnabled, cluster.Revision.Mzxid, HistoryRules.InEffect(cluster, byAddr.Values), 0, byAddr);
    }
}
