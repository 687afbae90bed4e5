using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>why</c> was asked.</summary>
internal sealed record WhyRequest(ZooKeeperAccess ZooKeeper, string Name, string Shard, bool Json);

internal static class WhyCommand
{
    public static Command Build(CliContext context, CommandHandler<WhyRequest> handler)
    {
        var name = Arguments.ClusterName();
        var shard = Arguments.ShardName();
        var json = Arguments.Json();
        return context.Bind(
            new Command("why", "Tells why a shard is agreed to be as it is: what each checker says, what is decided on that, and what was before.") { name, shard, json },
            parsed => new WhyRequest(context.ZooKeeper.Require(parsed), parsed.GetRequiredValue(name), parsed.GetRequiredValue(shard), parsed.GetValue(json)),
            handler,
            "ringkeeper why sessions cache2");
    }
}
