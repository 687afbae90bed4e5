using RingKeeper.Cli.Commands;
using RingKeeper.Cli.Documents;

namespace RingKeeper.Cli.Handlers;

/// <summary>Creates a cluster that places keys as a pool of twemproxy does.</summary>
internal static class ImportTwemproxyHandler
{
    public static async Task<int> RunAsync(ImportTwemproxyRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        var file = DocumentFile.NameOf(request.File);
        var text = await DocumentFile.ReadAsync(request.File, request.Input, cancellationToken);
        var pool = TwemproxyPool.Read(file, text, request.Pool, request.Name, request.ExpectedCheckers);
        if (request.ZooKeeper is { } servers)
        {
            await using var manager = await ZKManager.ConnectAsync(Connection.To(servers), cancellationToken);
            await manager.CreateClusterAsync(pool.Cluster.Name, pool.Cluster.Shards, pool.Cluster.Options, cancellationToken);
        }

        Write(request, file, pool, output);
        return ExitCodes.Done;
    }

    private static void Write(ImportTwemproxyRequest request, string file, TwemproxyPool pool, CliOutput output)
    {
        var cluster = pool.Cluster;
        if (request.Json)
        {
            output.WriteJson(new
            {
                pool = pool.Name,
                cluster.Name,
                created = !request.DryRun,
                options = ClusterFields.ToJsonObject(ClusterFields.Of(cluster.Options)),
                shards = cluster.Shards.Select(static shard => ClusterFields.ToJsonObject(ClusterFields.Of(shard))),
                pool.Notes,
            });
            return;
        }

        foreach (var note in pool.Notes)
        {
            output.WriteDiagnostic($"{file}, line {note.Line}: {note.Setting}: {note.Text}");
        }

        if (request.DryRun)
        {
            foreach (var line in ClusterDocumentWriter.ToYaml(cluster))
            {
                output.WriteLine(line);
            }

            return;
        }

        output.WriteLine($"Created cluster '{cluster.Name}' from pool '{pool.Name}' with {cluster.Shards.Count} shard(s); it serves once {request.ExpectedCheckers / 2 + 1} checker(s) have voted: ringkeeper checker {cluster.Name}");
    }
}
