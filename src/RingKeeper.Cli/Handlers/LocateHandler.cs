using System.Text;
using RingKeeper.Cli.Commands;

namespace RingKeeper.Cli.Handlers;

/// <summary>Shows where keys belong and where they are served now.</summary>
internal static class LocateHandler
{
    public static async Task<int> RunAsync(LocateRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        await using var connector = await ZKConnector.ConnectAsync(Connection.To(request.ZooKeeper), cancellationToken);
        var cluster = await connector.GetClusterAsync(request.Name, cancellationToken);
        var status = await connector.GetStatusAsync(request.Name, cancellationToken);
        var ring = cluster.Options.CreateRingBuilder().Build(cluster.Shards);
        var byAddr = status.Values.Where(s => s.Addr.Length > 0).GroupBy(s => s.Addr, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
        var view = new ClusterView(ring, cluster.Options.FailoverEnabled, cluster.Revision.Mzxid, HistoryRules.InEffect(cluster, byAddr.Values), 0, byAddr);
        var places = request.Keys.Select(key => Locate(view, key)).ToList();
        if (request.Json)
        {
            output.WriteJson(places);
        }
        else
        {
            output.WriteTable(
                ["key", "owner", "failover order", "served by", "valid since"],
                [.. places.Select(p => (string[])[p.Key, p.Owner, string.Join(" > ", p.Order), p.ServedBy ?? p.Outcome, p.ValidSince is { } since ? $"{since} ({Times.OfStamp(since)})" : "-"])]);
        }

        return ExitCodes.Done;
    }

    private static Place Locate(ClusterView view, string key)
    {
        var bytes = Encoding.UTF8.GetBytes(key);
        var order = new int[view.Ring.Shards.Count];
        var count = view.Ring.GetOrder(bytes, order);
        var route = view.Route(bytes, RoutePolicy.Failover);
        var served = route.Outcome == RouteOutcome.Served;
        return new Place(
            key,
            view.Ring.Shards[order[0]].Name,
            [.. order.Take(count).Select(i => view.Ring.Shards[i].Name)],
            served ? view.Ring.Shards[route.ShardIndex].Name : null,
            route.Outcome switch { RouteOutcome.Served => "served", RouteOutcome.NotReady => "undecided", _ => "no shard available" },
            served ? view.ExactValidSince(bytes, RoutePolicy.Failover) : null);
    }

    private sealed record Place(string Key, string Owner, IReadOnlyList<string> Order, string? ServedBy, string Outcome, long? ValidSince);
}
