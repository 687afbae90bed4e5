using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using RingKeeper.Cli.Configuration;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>dashboard</c> was asked.</summary>
/// <param name="ZooKeeper">The ZooKeeper servers.</param>
/// <param name="Names">The clusters, or none for all that can be read.</param>
/// <param name="Redis">How to connect to the shards.</param>
/// <param name="Http">Where the page is served.</param>
/// <param name="Json">Whether its address is written as JSON.</param>
/// <param name="Log">What is logged.</param>
internal sealed record DashboardRequest(ZooKeeperAccess ZooKeeper, IReadOnlyList<string> Names, RedisSettings Redis, IPEndPoint Http, bool Json, LogSettings Log);

internal static class DashboardCommand
{
    /// <summary>Where it is served unless told otherwise, on loopback.</summary>
    public const int Port = 8480;

    public static Command Build(CliContext context, CommandHandler<DashboardRequest> handler)
    {
        var names = new Argument<string[]>("NAME") { Description = "The names of the clusters; without one, all that can be read.", Arity = ArgumentArity.ZeroOrMore };
        names.Validators.Add(static result =>
        {
            foreach (var flaw in result.Tokens.Select(static token => Arguments.FlawOfName(token.Value)).OfType<string>())
            {
                result.AddError(flaw);
            }
        });
        var http = new Option<IPEndPoint?>("--http")
        {
            Description = $"Where the page is served (default: 127.0.0.1:{Port}); :PORT is loopback, and :0 any free port there. The page asks nobody who they are.",
            HelpName = "ADDR:PORT",
            CustomParser = CheckerCommand.ParseHttp,
        };
        var json = Arguments.Json();
        var command = new Command("dashboard", "Serves a page that shows clusters live, on this machine, until Ctrl-C.") { names, http, json };
        var log = new LogOptions(command, LogLevel.Warning);
        return context.Bind(
            command,
            parsed => new DashboardRequest(
                context.ZooKeeper.Require(parsed),
                [.. (parsed.GetValue(names) ?? []).Distinct(StringComparer.Ordinal)],
                context.ReadRedis(parsed),
                parsed.GetValue(http) ?? new IPEndPoint(IPAddress.Loopback, Port),
                parsed.GetValue(json),
                log.Read(parsed, CliConfiguration.None)),
            handler,
            "ringkeeper dashboard orders --http :0",
            "ringkeeper dashboard orders sessions");
    }
}
