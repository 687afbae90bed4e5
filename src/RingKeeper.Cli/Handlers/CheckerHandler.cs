using RingKeeper.Cli.Commands;

namespace RingKeeper.Cli.Handlers;

/// <summary>Runs a checker until Ctrl-C or SIGTERM, then withdraws its vote and closes its session, so that the others see it at once.</summary>
internal static class CheckerHandler
{
    public static async Task<int> RunAsync(CheckerRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        using var loggers = Connection.LogToStandardError();
        await using var checker = await ZKChecker.ConnectAsync(
            new ZKCheckerOptions
            {
                ZKServers = request.ZooKeeper.Servers,
                DigestCredentials = request.ZooKeeper.Digest,
                ZKTimeout = request.SessionTimeout,
                ClusterName = request.Name,
                Interval = request.Interval,
                Threshold = request.Threshold,
                WorkerCount = request.WorkerCount,
                ConfigureRedis = request.Redis.Apply,
                LoggerFactory = loggers,
            },
            cancellationToken);
        await checker.StartAsync(cancellationToken);
        var stopped = new TaskCompletionSource();
        await using var registration = cancellationToken.Register(() => stopped.TrySetResult());

        // The run ends by itself only through a fault, which is then thrown here.
        await await Task.WhenAny(stopped.Task, checker.Completion);
        output.WriteDiagnostic("ringkeeper: stopping");
        await checker.StopAsync(CancellationToken.None);
        return ExitCodes.Done;
    }
}
