using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>cluster list</c> was asked.</summary>
internal sealed record ListClustersRequest(ZooKeeperAccess ZooKeeper, bool Json);

internal static class ListClustersCommand
{
    public static Command Build(CliContext context, CommandHandler<ListClustersRequest> handler)
    {
        var json = Arguments.Json();
        return context.Bind(
            new Command("list", "Lists the clusters.") { json },
            parsed => new ListClustersRequest(context.ZooKeeper.Require(parsed), parsed.GetValue(json)),
            handler,
            "ringkeeper cluster list");
    }
}
