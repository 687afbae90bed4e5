using RingKeeper.Cli.Commands;

namespace RingKeeper.Cli.Handlers;

/// <summary>Tells why a shard is as it is.</summary>
internal static class WhyHandler
{
    public static async Task<int> RunAsync(WhyRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        await using var connector = await ZKConnector.ConnectAsync(Connection.To(request.ZooKeeper), cancellationToken);
        var fleet = await Fleet.ReadAsync(connector, request.Name, cancellationToken);
        var shard = fleet.Cluster.Shards.FirstOrDefault(shard => shard.Name == request.Shard)
            ?? throw new RingKeeperException($"Cluster '{request.Name}' has no shard '{request.Shard}'. It has: {string.Join(", ", fleet.Cluster.Shards.Select(static shard => shard.Name))}.");
        var report = new WhyReport(fleet, shard);
        if (request.Json)
        {
            output.WriteJson(report.ToShape());
        }
        else
        {
            foreach (var line in report.Tell())
            {
                output.WriteLine(line);
            }
        }

        return ExitCodes.Done;
    }
}
