using RingKeeper.Cli.Commands;
using RingKeeper.Cli.Documents;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Cli.Handlers;

/// <summary>Writes clusters as documents, by name, so that two exports can be compared line by line.</summary>
internal static class ExportClustersHandler
{
    public static async Task<int> RunAsync(ExportClustersRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        await using var connector = await ZKConnector.ConnectAsync(Connection.To(request.ZooKeeper), cancellationToken);
        var all = request.Names.Count == 0;
        var names = all ? await connector.GetNamesAsync(cancellationToken) : [.. request.Names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var clusters = new List<ClusterDocument>();
        var isComplete = true;
        foreach (var name in names)
        {
            try
            {
                clusters.Add(ClusterDocument.Of(await connector.GetClusterAsync(name, cancellationToken)));
            }
            catch (Exception e) when (all && e is RingKeeperException or ZooKeeperException { Code: ZooKeeperErrorCode.NoAuth })
            {
                // One that cannot be read, or not by this identity, must not keep the others out of a backup; the exit code tells that it is not whole.
                isComplete = false;
                output.WriteDiagnostic($"ringkeeper: cluster '{name}' is left out: {ZooKeeperServers.Describe(e)}");
            }
        }

        foreach (var line in request.Json ? ClusterDocumentWriter.ToJson(clusters) : clusters.SelectMany(ClusterDocumentWriter.ToYaml))
        {
            output.WriteLine(line);
        }

        return isComplete ? ExitCodes.Done : ExitCodes.Failed;
    }
}
