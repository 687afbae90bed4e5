using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>cluster show</c> was asked.</summary>
internal sealed record ShowClusterRequest(ZooKeeperAccess ZooKeeper, string Name, bool Json);

internal static class ShowClusterCommand
{
    public static Command Build(CliContext context, CommandHandler<ShowClusterRequest> handler)
    {
        var name = Arguments.ClusterName();
        var json = Arguments.Json();
        return context.Bind(
            new Command("show", "Shows the options and shards of a cluster.") { name, json },
            parsed => new ShowClusterRequest(context.ZooKeeper.Require(parsed), parsed.GetRequiredValue(name), parsed.GetValue(json)),
            handler,
            "ringkeeper cluster show sessions",
            "ringkeeper cluster show sessions --json");
    }
}
