using RingKeeper.Cli.Commands;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Cli.Handlers;

/// <summary>Shows what the checkers agreed on and what each of them says, once or at every change.</summary>
internal static class StatusHandler
{
    public static async Task<int> RunAsync(StatusRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        using var loggers = request.Log.CreateFactory();
        await using var connector = await ZKConnector.ConnectAsync(Connection.To(request.ZooKeeper, loggers), cancellationToken);
        if (!request.Watch)
        {
            (await ReadAsync(connector, request.Name, cancellationToken)).Write(request.Json, output);
            return ExitCodes.Done;
        }

        try
        {
            await FollowAsync(connector, request, output, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is how a watch ends.
        }

        return ExitCodes.Done;
    }

    private static async Task FollowAsync(ZKConnector connector, StatusRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        await using var watch = await connector.Client.WatchAsync(ZKPaths.Cluster(request.Name), WatchMode.PersistentRecursive, cancellationToken);
        var status = await ReadAsync(connector, request.Name, cancellationToken);
        status.Write(request.Json, output);
        var shown = status.Essence;
        var trouble = "";
        await foreach (var change in watch.ReadAllAsync(cancellationToken))
        {
            if (change.Type == WatchedEventType.SessionExpired)
            {
                continue;
            }

            try
            {
                status = await ReadAsync(connector, request.Name, cancellationToken);
                trouble = "";
                if (status.Essence != shown)
                {
                    status.Write(request.Json, output);
                    shown = status.Essence;
                }
            }
            catch (Exception e) when (e is ZooKeeperException or RingKeeperException)
            {
                // The watch goes on: a reconnect is an event of its own.
                if (trouble != e.Message)
                {
                    trouble = e.Message;
                    output.WriteDiagnostic($"ringkeeper: {ZooKeeperServers.Describe(e)}");
                }
            }
        }
    }

    private static async Task<StatusReport> ReadAsync(ZKConnector connector, string name, CancellationToken cancellationToken) =>
        new(await Fleet.ReadAsync(connector, name, cancellationToken), await connector.GetOpenNodesAsync(name, cancellationToken));
}
