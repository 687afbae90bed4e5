using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>checker</c> was asked.</summary>
internal sealed record CheckerRequest(
    ZooKeeperAccess ZooKeeper,
    string Name,
    TimeSpan Interval,
    TimeSpan Threshold,
    int WorkerCount,
    TimeSpan SessionTimeout,
    RedisSettings Redis);

internal static class CheckerCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Threshold = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(4);

    public static Command Build(CliContext context, CommandHandler<CheckerRequest> handler)
    {
        var name = Arguments.ClusterName();
        var interval = Arguments.Duration("--interval", "How often each shard is probed", Interval);
        var threshold = Arguments.Duration("--threshold", "How long a shard must not answer before this checker votes it dead", Threshold);
        var workers = Arguments.Count("--workers", "Probes that run at the same time.", standard: 4);
        var sessionTimeout = Arguments.Duration("--session-timeout", "The session timeout asked of ZooKeeper", SessionTimeout);
        return context.Bind(
            new Command("checker", $"Probes the shards of a cluster and votes, until Ctrl-C. Redis credentials come from {RedisVariable.Name}.")
            {
                name, interval, threshold, workers, sessionTimeout,
            },
            parsed => new CheckerRequest(
                context.ZooKeeper.Require(parsed),
                parsed.GetRequiredValue(name),
                parsed.GetValue(interval) ?? Interval,
                parsed.GetValue(threshold) ?? Threshold,
                parsed.GetValue(workers),
                parsed.GetValue(sessionTimeout) ?? SessionTimeout,
                RedisVariable.Read(context.Environment.GetVariable)),
            handler);
    }
}
