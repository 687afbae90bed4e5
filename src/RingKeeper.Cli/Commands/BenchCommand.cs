using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>bench</c> was asked.</summary>
internal sealed record BenchRequest(ZooKeeperAccess ZooKeeper, string Name, bool Json);

internal static class BenchCommand
{
    public static Command Build(CliContext context, CommandHandler<BenchRequest> handler)
    {
        var name = Arguments.ClusterName();
        var json = Arguments.Json();
        return context.Bind(
            new Command("bench", "Drives a cluster for a while and prints what it bears.") { name, json },
            parsed => new BenchRequest(context.ZooKeeper.Require(parsed), parsed.GetRequiredValue(name), parsed.GetValue(json)),
            handler);
    }
}
