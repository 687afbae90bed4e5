using RingKeeper.Cli.Commands;
using Spectre.Console;

namespace RingKeeper.Cli.Handlers;

/// <summary>Shows what the checkers agreed on and what each of them says, once, at every change, or as a table that stays current.</summary>
internal static class StatusHandler
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(StatusRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        using var loggers = request.Log.CreateFactory();
        await using var connector = await ZKConnector.ConnectAsync(Connection.To(request.ZooKeeper, loggers), cancellationToken);
        if (!request.Watch)
        {
            var fleet = await Fleet.ReadAsync(connector, request.Name, cancellationToken);
            new StatusReport(fleet, await connector.GetOpenNodesAsync(request.Name, cancellationToken)).Write(request.Json, output);
            return ExitCodes.Done;
        }

        try
        {
            var news = new FleetFollower(connector, request.Name).WatchAsync(cancellationToken);
            var console = output.CreateConsole();
            await (output.IsInteractive && !request.Json && console.Profile.Capabilities is { Interactive: true, Ansi: true }
                ? DrawAsync(news, console, TimeProvider.System, cancellationToken)
                : WriteAsync(news, request.Json, output));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is how a watch ends.
        }

        return ExitCodes.Done;
    }

    /// <summary>Draws a table in place at each change, and each second for its ages. The last one is left standing.</summary>
    public static Task DrawAsync(IAsyncEnumerable<FleetNews> stream, IAnsiConsole console, TimeProvider time, CancellationToken cancellationToken) =>
        console.Live(new Text("")).AutoClear(false).Overflow(VerticalOverflow.Ellipsis).Cropping(VerticalOverflowCropping.Bottom).StartAsync(async live =>
        {
            await using var news = stream.GetAsyncEnumerator(cancellationToken);
            var next = news.MoveNextAsync().AsTask();
            try
            {
                FleetNews? shown = null;
                var read = time.GetTimestamp();
                while (true)
                {
                    if (shown is not null)
                    {
                        live.UpdateTarget(StatusTable.Of(shown, Stamps.Now(time), time.GetElapsedTime(read), console.Profile.Width));
                    }

                    await NextOrTickAsync(next, time, cancellationToken);
                    if (!next.IsCompleted)
                    {
                        continue;
                    }

                    if (!await next)
                    {
                        return;
                    }

                    shown = news.Current;
                    Demand(shown);
                    read = shown.Trouble is null ? time.GetTimestamp() : read;
                    next = news.MoveNextAsync().AsTask();
                }
            }
            finally
            {
                // An enumerator must not be disposed of while it moves.
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });

    private static async Task NextOrTickAsync(Task next, TimeProvider time, CancellationToken cancellationToken)
    {
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(next, Task.Delay(Pace, time, pause.Token));
        await pause.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static async Task WriteAsync(IAsyncEnumerable<FleetNews> stream, bool json, CliOutput output)
    {
        var (shown, trouble) = ("", "");
        await foreach (var news in stream)
        {
            Demand(news);
            if (news.Trouble is not null)
            {
                if (trouble != news.Trouble)
                {
                    trouble = news.Trouble;
                    output.WriteDiagnostic($"ringkeeper: {ZooKeeperSecurity.InWordsOfTheCommand(trouble)}");
                }

                continue;
            }

            trouble = "";
            var status = new StatusReport(news.Fleet!, news.OpenNodes);
            if (status.Essence != shown)
            {
                status.Write(json, output);
                shown = status.Essence;
            }
        }
    }

    // What cannot be read from the start is a failure of the command.
    private static void Demand(FleetNews news)
    {
        if (news is { Fleet: null, Trouble: { } trouble })
        {
            throw new RingKeeperException(trouble);
        }
    }
}
