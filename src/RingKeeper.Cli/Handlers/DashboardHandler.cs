using System.Net;
using Microsoft.Extensions.Logging;
using RingKeeper.Cli.Commands;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Cli.Handlers;

/// <summary>Serves a page that shows clusters until Ctrl-C or SIGTERM.</summary>
internal static class DashboardHandler
{
    public static async Task<int> RunAsync(DashboardRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        using var loggers = request.Log.CreateFactory();
        var clusters = new List<ZKCluster>();
        try
        {
            await using var connector = await ZKConnector.ConnectAsync(Connection.To(request.ZooKeeper, loggers), cancellationToken);
            try
            {
                await ServeAsync(request, connector, clusters, output, loggers, cancellationToken);
            }
            finally
            {
                foreach (var cluster in clusters)
                {
                    await cluster.DisposeAsync();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ended while it was still starting, which is as good an end as any.
        }

        return ExitCodes.Done;
    }

    private static async Task ServeAsync(
        DashboardRequest request, ZKConnector connector, List<ZKCluster> clusters, CliOutput output, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var options = new ClusterOptions { ConfigureRedis = request.Redis.Apply, Logger = loggers.CreateLogger("RingKeeper.Cluster") };
        foreach (var name in request.Names.Count > 0 ? request.Names : await ReadableAsync(connector, output, cancellationToken))
        {
            clusters.Add(await ZKCluster.ConnectAsync(connector.Client, name, options, cancellationToken));
        }

        await using var server = await DashboardServer.StartAsync(request.Http, clusters, request.Redis, loggers, cancellationToken);
        if (!IPAddress.IsLoopback(server.Address.Address))
        {
            output.WriteDiagnostic($"Anybody who reaches {server.Address} sees these clusters: the page asks nobody who they are. Keep it behind a proxy that does, or leave out --http to serve this machine alone.");
        }

        if (request.Json)
        {
            output.WriteJson(new { url = server.Url, clusters = clusters.Select(static cluster => cluster.Name) });
        }
        else
        {
            output.WriteLine($"{server.Url} shows {string.Join(", ", clusters.Select(static cluster => cluster.Name))}, until Ctrl-C");
        }

        var stopped = new TaskCompletionSource();
        await using var registration = cancellationToken.Register(() => stopped.TrySetResult());
        await stopped.Task;
    }

    private static async Task<List<string>> ReadableAsync(ZKConnector connector, CliOutput output, CancellationToken cancellationToken)
    {
        var readable = new List<string>();
        foreach (var name in await connector.GetNamesAsync(cancellationToken))
        {
            try
            {
                await connector.GetClusterAsync(name, cancellationToken);
                readable.Add(name);
            }
            catch (Exception e) when (e is RingKeeperException or ZooKeeperException { Code: ZooKeeperErrorCode.NoAuth })
            {
                output.WriteDiagnostic($"Cluster '{name}' is left out: {ZooKeeperServers.Describe(e)}");
            }
        }

        return readable.Count > 0 ? readable : throw new RingKeeperException("There is no cluster that can be read. Create one with 'ringkeeper cluster create'.");
    }
}
