using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>cluster export</c> was asked; no names mean all clusters.</summary>
internal sealed record ExportClustersRequest(ZooKeeperAccess ZooKeeper, IReadOnlyList<string> Names, bool Json);

internal static class ExportClustersCommand
{
    private const string Yaml = "yaml";
    private const string Json = "json";

    public static Command Build(CliContext context, CommandHandler<ExportClustersRequest> handler)
    {
        var names = new Argument<string[]>("NAME") { Description = "The clusters (default: all).", Arity = ArgumentArity.ZeroOrMore };
        var format = new Option<string>("--format") { Description = "How to write them.", HelpName = $"{Yaml}|{Json}", DefaultValueFactory = static _ => Yaml };
        format.AcceptOnlyFromAmong(Yaml, Json);
        return context.Bind(
            new Command("export", "Writes clusters as documents that 'cluster apply' takes.") { names, format },
            parsed => new ExportClustersRequest(context.ZooKeeper.Require(parsed), parsed.GetValue(names) ?? [], parsed.GetRequiredValue(format) == Json),
            handler,
            "ringkeeper cluster export > clusters.yaml",
            "ringkeeper cluster export sessions --format json");
    }
}
