using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>cluster apply</c> was asked.</summary>
internal sealed record ApplyClustersRequest(ZooKeeperAccess ZooKeeper, string File, TextReader Input, bool CanAsk, bool DryRun, bool Yes, bool Json);

internal static class ApplyClustersCommand
{
    public static Command Build(CliContext context, CommandHandler<ApplyClustersRequest> handler)
    {
        var file = new Option<string>("--file", "-f") { Description = "The documents, or - for standard input.", HelpName = "FILE", Required = true };
        var dryRun = new Option<bool>("--dry-run") { Description = "Shows what would change, and changes nothing." };
        var yes = new Option<bool>("--yes") { Description = "Does not ask, also where keys move." };
        var json = Arguments.Json();
        return context.Bind(
            new Command("apply", "Makes clusters be as documents say; creates those that are missing and deletes none.") { file, dryRun, yes, json },
            parsed => new ApplyClustersRequest(
                context.ZooKeeper.Require(parsed),
                parsed.GetRequiredValue(file),
                context.Environment.Input,
                context.Environment.CanAsk,
                parsed.GetValue(dryRun),
                parsed.GetValue(yes),
                parsed.GetValue(json)),
            handler,
            "ringkeeper cluster apply -f clusters.yaml --dry-run",
            "ringkeeper cluster apply -f clusters.yaml --yes");
    }
}
