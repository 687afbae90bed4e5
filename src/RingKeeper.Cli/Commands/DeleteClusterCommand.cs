using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>cluster delete</c> was asked.</summary>
internal sealed record DeleteClusterRequest(ZooKeeperAccess ZooKeeper, string Name, bool Force);

internal static class DeleteClusterCommand
{
    public static Command Build(CliContext context, CommandHandler<DeleteClusterRequest> handler)
    {
        var name = Arguments.ClusterName();
        var force = new Option<bool>("--force") { Description = "Deletes although checkers are running." };
        return context.Bind(
            new Command("delete", "Deletes a cluster from ZooKeeper; the Redis servers are not touched.") { name, force },
            parsed => new DeleteClusterRequest(context.ZooKeeper.Require(parsed), parsed.GetRequiredValue(name), parsed.GetValue(force)),
            handler,
            "ringkeeper cluster delete sessions");
    }
}
