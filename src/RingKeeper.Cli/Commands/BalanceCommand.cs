using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>balance</c> was asked.</summary>
internal sealed record BalanceRequest(ZooKeeperAccess ZooKeeper, string Name, bool Json);

internal static class BalanceCommand
{
    public static Command Build(CliContext context, CommandHandler<BalanceRequest> handler)
    {
        var name = Arguments.ClusterName();
        var json = Arguments.Json();
        return context.Bind(
            new Command("balance", "Shows how keys and bytes lie on the shards, by a sample.") { name, json },
            parsed => new BalanceRequest(context.ZooKeeper.Require(parsed), parsed.GetRequiredValue(name), parsed.GetValue(json)),
            handler);
    }
}
