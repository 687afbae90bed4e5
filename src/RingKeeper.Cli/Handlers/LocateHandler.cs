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
        var view = KeyPlace.ViewOf(cluster, status.Values);
        var places = request.Keys.Select(key => KeyPlace.Of(view, key)).ToList();
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
}
