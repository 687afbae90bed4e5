using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>cluster import twemproxy</c> was asked; a dry run needs no ZooKeeper.</summary>
internal sealed record ImportTwemproxyRequest(
    ZooKeeperAccess? ZooKeeper, string File, TextReader Input, string? Pool, string? Name, int ExpectedCheckers, bool DryRun, bool Json);

internal static class ImportTwemproxyCommand
{
    public static Command Build(CliContext context, CommandHandler<ImportTwemproxyRequest> handler)
    {
        var file = new Argument<string>("FILE") { Description = "The configuration of nutcracker, or - for standard input." };
        var pool = new Option<string>("--pool") { Description = "The pool to import; needed where the file has several.", HelpName = "POOL" };
        var name = new Option<string>("--name") { Description = "The name of the cluster (default: the pool's).", HelpName = "NAME" };
        var checkers = Arguments.Count("--expected-checkers", "Checkers that are meant to run; a majority of them decides.", standard: 3);
        var dryRun = new Option<bool>("--dry-run") { Description = "Writes the cluster as a document to standard output, and nothing to ZooKeeper." };
        var json = Arguments.Json();
        return context.Bind(
            new Command("twemproxy", "Creates a cluster that places keys as a pool of twemproxy does.") { file, pool, name, checkers, dryRun, json },
            parsed => new ImportTwemproxyRequest(
                parsed.GetValue(dryRun) ? null : context.ZooKeeper.Require(parsed),
                parsed.GetRequiredValue(file),
                context.Environment.Input,
                parsed.GetValue(pool),
                parsed.GetValue(name),
                parsed.GetValue(checkers),
                parsed.GetValue(dryRun),
                parsed.GetValue(json)),
            handler,
            "ringkeeper cluster import twemproxy nutcracker.yml --pool alpha --dry-run",
            "ringkeeper cluster import twemproxy nutcracker.yml --pool alpha --name sessions");
    }
}
