using Microsoft.Extensions.Logging;
using RingKeeper.Cli.Commands;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Cli.Handlers;

/// <summary>Runs a checker until Ctrl-C or SIGTERM, then withdraws its vote and closes its session, so that the others see it at once.</summary>
internal static class CheckerHandler
{
    public static async Task<int> RunAsync(CheckerRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        using var loggers = request.Log.CreateFactory();
        var logger = loggers.CreateLogger("RingKeeper.Cli");
        try
        {
            return await RunAsync(request, loggers, logger, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ended while it was still starting, which is as good an end as any.
            Log.CheckerStopping(logger, request.Name);
            return ExitCodes.Done;
        }
        catch (Exception e) when (request.Log is { Format: LogFormat.Json, Level: not LogLevel.None } && e is RingKeeperException or ZooKeeperException)
        {
            // Whoever reads standard error as JSON gets no line of text.
            Log.CheckerFailed(logger, request.Name, ZooKeeperServers.Describe(e));
            return ExitCodes.Failed;
        }
    }

    private static async Task<int> RunAsync(CheckerRequest request, ILoggerFactory loggers, ILogger logger, CancellationToken cancellationToken)
    {
        ZKChecker? running = null;
        var health = request.Http is { } address
            ? await HealthServer.StartAsync(address, () => Volatile.Read(ref running)?.Health ?? new ZKCheckerHealth { Trouble = "ZooKeeper has not been reached yet" }, loggers, cancellationToken)
            : null;
        await using var healthLease = health;
        if (health is not null)
        {
            Log.HealthServed(logger, $"{health.Address}");
        }

        await using var checker = await ZKChecker.ConnectAsync(
            new ZKCheckerOptions
            {
                ZKServers = request.ZooKeeper.Servers,
                DigestCredentials = request.ZooKeeper.Digest,
                Tls = request.ZooKeeper.Tls,
                Sasl = request.ZooKeeper.Sasl,
                ZKTimeout = request.SessionTimeout,
                ClusterName = request.Name,
                CheckerId = request.Id,
                Interval = request.Interval,
                Threshold = request.Threshold,
                WorkerCount = request.WorkerCount,
                ConfigureRedis = request.Redis.Apply,
                LoggerFactory = loggers,
            },
            cancellationToken);
        await checker.StartAsync(cancellationToken);
        Volatile.Write(ref running, checker);
        var stopped = new TaskCompletionSource();
        await using var registration = cancellationToken.Register(() => stopped.TrySetResult());

        // The run ends by itself only through a fault, which is then thrown here.
        await await Task.WhenAny(stopped.Task, checker.Completion);
        Log.CheckerStopping(logger, request.Name);
        await checker.StopAsync(CancellationToken.None);
        return ExitCodes.Done;
    }
}
