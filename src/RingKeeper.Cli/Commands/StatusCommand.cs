using System.CommandLine;
using Microsoft.Extensions.Logging;
using RingKeeper.Cli.Configuration;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>status</c> was asked.</summary>
internal sealed record StatusRequest(ZooKeeperAccess ZooKeeper, string Name, bool Watch, bool Json, LogSettings Log);

internal static class StatusCommand
{
    public static Command Build(CliContext context, CommandHandler<StatusRequest> handler)
    {
        var name = Arguments.ClusterName();
        var watch = new Option<bool>("--watch") { Description = "Goes on showing every change, until Ctrl-C." };
        var json = Arguments.Json();
        var command = new Command("status", "Shows which shards the checkers agreed on as alive.") { name, watch, json };
        var log = new LogOptions(command, LogLevel.None);
        return context.Bind(
            command,
            parsed => new StatusRequest(
                context.ZooKeeper.Require(parsed), parsed.GetRequiredValue(name), parsed.GetValue(watch), parsed.GetValue(json), log.Read(parsed, CliConfiguration.None)),
            handler,
            "ringkeeper status sessions",
            "ringkeeper status sessions --watch",
            "ringkeeper status sessions --watch --json > changes.jsonl");
    }
}
