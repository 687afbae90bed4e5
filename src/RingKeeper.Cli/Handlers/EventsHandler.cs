using RingKeeper.Cli.Commands;

namespace RingKeeper.Cli.Handlers;

/// <summary>Tells what happened to a cluster: what stands on record, and, if asked, what happens from then on.</summary>
internal static class EventsHandler
{
    public static async Task<int> RunAsync(EventsRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        await using var connector = await ZKConnector.ConnectAsync(Connection.To(request.ZooKeeper), cancellationToken);
        var report = new EventsReport(request.Limit, TimeProvider.System);
        if (!request.Follow)
        {
            Write(report.Tell(new FleetNews(await Fleet.ReadAsync(connector, request.Name, cancellationToken), [], null)), request, output);
            return ExitCodes.Done;
        }

        try
        {
            await foreach (var news in new FleetFollower(connector, request.Name).WatchAsync(cancellationToken))
            {
                if (news is { Fleet: null, Trouble: { } flaw })
                {
                    throw new RingKeeperException(flaw);
                }

                Write(report.Tell(news), request, output);
                if (report.TakeTrouble(news) is { } trouble)
                {
                    output.WriteDiagnostic($"ringkeeper: {ZooKeeperSecurity.InWordsOfTheCommand(trouble)}");
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is how following ends.
        }

        return ExitCodes.Done;
    }

    private static void Write(IEnumerable<FleetEvent> events, EventsRequest request, CliOutput output)
    {
        foreach (var happened in events)
        {
            if (request.Json)
            {
                output.WriteJson(new { happened.At, Time = Times.OfStamp(happened.At), happened.Kind, Cluster = request.Name, happened.Shard, happened.Text, happened.Evidence });
                continue;
            }

            foreach (var line in EventsReport.LinesOf(happened))
            {
                output.WriteLine(line);
            }
        }
    }
}
