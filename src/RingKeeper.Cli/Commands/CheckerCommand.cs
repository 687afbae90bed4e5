using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Microsoft.Extensions.Logging;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>checker</c> was asked.</summary>
internal sealed record CheckerRequest(
    ZooKeeperAccess ZooKeeper,
    string Name,
    TimeSpan Interval,
    TimeSpan Threshold,
    int WorkerCount,
    TimeSpan SessionTimeout,
    RedisSettings Redis,
    IPEndPoint? Http,
    LogSettings Log)
{
    /// <summary>The checker's id, or null for one that is made.</summary>
    public string? Id { get; init; }
}

internal static class CheckerCommand
{
    /// <summary>The session timeout that a checker asks for where it is not told.</summary>
    public static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Threshold = TimeSpan.FromSeconds(2);

    public static Command Build(CliContext context, CommandHandler<CheckerRequest> handler)
    {
        var name = Arguments.ClusterName();
        name.Arity = ArgumentArity.ZeroOrOne;
        name.Description = "The name of the cluster (default: checker.cluster of the file of --config).";
        var interval = Arguments.Duration("--interval", "How often each shard is probed", Interval);
        var threshold = Arguments.Duration("--threshold", "How long a shard must not answer before this checker votes it dead", Threshold);
        var workers = Arguments.Count("--workers", "Probes that run at the same time.", standard: 4);
        var sessionTimeout = Arguments.Duration("--session-timeout", "The session timeout asked of ZooKeeper", SessionTimeout);
        var http = new Option<IPEndPoint?>("--http")
        {
            Description = "Serves /livez and /readyz here, for whoever watches over this process (default: nothing is served). :PORT is loopback.",
            HelpName = "ADDR:PORT",
            CustomParser = ParseHttp,
        };
        var id = new Option<string>("--id")
        {
            Description = "The id of this checker, which survives its restarts; each checker of a cluster has another (default: one made of this machine's name, another each time).",
            HelpName = "ID",
        };
        id.Validators.Add(static parsed =>
        {
            if (parsed.GetValueOrDefault<string>() is { } text && CheckerIdentity.FlawOf(text) is { } flaw)
            {
                parsed.AddError($"--id: {flaw}.");
            }
        });
        var command = new Command("checker", $"Probes the shards of a cluster and votes, until Ctrl-C. Redis credentials come from {RedisVariable.Name} or the file of --config.")
        {
            name, interval, threshold, workers, sessionTimeout, http, id,
        };
        var log = new LogOptions(command, LogLevel.Information);
        return context.Bind(
            command,
            parsed =>
            {
                var file = context.Configuration.Read(parsed);
                var zooKeeper = context.ZooKeeper.Require(parsed);
                return new CheckerRequest(
                    zooKeeper,
                    parsed.GetValue(name) ?? file.Cluster ?? throw new CliUsageException("No cluster is named. Give its NAME, or checker.cluster in the file of --config."),
                    parsed.GetValue(interval) ?? file.Interval ?? Interval,
                    parsed.GetValue(threshold) ?? file.Threshold ?? Threshold,
                    parsed.GetResult(workers) is { Implicit: false } ? parsed.GetValue(workers) : file.WorkerCount ?? parsed.GetValue(workers),
                    parsed.GetValue(sessionTimeout) ?? zooKeeper.SessionTimeout ?? SessionTimeout,
                    context.ReadRedis(parsed),
                    parsed.GetValue(http) ?? file.Http,
                    log.Read(parsed, file))
                {
                    Id = parsed.GetValue(id) ?? file.CheckerId,
                };
            },
            handler,
            "ringkeeper checker sessions --id rack1",
            "ringkeeper checker sessions --interval 500ms --threshold 1500ms --http :8080");
    }

    internal static IPEndPoint? ParseHttp(ArgumentResult result)
    {
        var text = result.Tokens is [{ Value: var value }] ? value : "";
        if (HttpAddress.TryParse(text, out var address))
        {
            return address;
        }

        result.AddError($"--http: {HttpAddress.FlawOf(text)}.");
        return null;
    }
}
