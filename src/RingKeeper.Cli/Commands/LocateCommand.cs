using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>locate</c> was asked.</summary>
internal sealed record LocateRequest(ZooKeeperAccess ZooKeeper, string Name, IReadOnlyList<string> Keys, bool Json);

internal static class LocateCommand
{
    public static Command Build(CliContext context, CommandHandler<LocateRequest> handler)
    {
        var name = Arguments.ClusterName();
        var keys = new Argument<string[]>("KEY") { Description = "Keys to place.", Arity = ArgumentArity.OneOrMore };
        var json = Arguments.Json();
        return context.Bind(
            new Command("locate", "Shows which shard owns a key and which serves it now.") { name, keys, json },
            parsed => new LocateRequest(
                context.ZooKeeper.Require(parsed), parsed.GetRequiredValue(name), parsed.GetRequiredValue(keys), parsed.GetValue(json)),
            handler,
            "ringkeeper locate sessions user:42 user:43");
    }
}
