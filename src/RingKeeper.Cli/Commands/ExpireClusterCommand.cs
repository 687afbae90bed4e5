using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>cluster expire</c> was asked.</summary>
internal sealed record ExpireClusterRequest(ZooKeeperAccess ZooKeeper, string Name);

internal static class ExpireClusterCommand
{
    public static Command Build(CliContext context, CommandHandler<ExpireClusterRequest> handler)
    {
        var name = Arguments.ClusterName();
        return context.Bind(
            new Command("expire", "Ages every copy in the cluster's caches: each read misses until its key is written anew. After ZooKeeper was restored from a backup, do it once.") { name },
            parsed => new ExpireClusterRequest(context.ZooKeeper.Require(parsed), parsed.GetRequiredValue(name)),
            handler,
            "ringkeeper cluster expire sessions");
    }
}
