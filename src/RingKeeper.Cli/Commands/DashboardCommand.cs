using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>dashboard</c> was asked.</summary>
internal sealed record DashboardRequest(ZooKeeperAccess ZooKeeper, string Name, bool Json);

internal static class DashboardCommand
{
    public static Command Build(CliContext context, CommandHandler<DashboardRequest> handler)
    {
        var name = Arguments.ClusterName();
        var json = Arguments.Json();
        return context.Bind(
            new Command("dashboard", "Serves a page that shows clusters, on this machine.") { name, json },
            parsed => new DashboardRequest(context.ZooKeeper.Require(parsed), parsed.GetRequiredValue(name), parsed.GetValue(json)),
            handler);
    }
}
