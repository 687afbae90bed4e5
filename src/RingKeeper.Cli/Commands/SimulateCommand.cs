using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>simulate</c> was asked.</summary>
internal sealed record SimulateRequest(ZooKeeperAccess ZooKeeper, string Name, bool Json);

internal static class SimulateCommand
{
    public static Command Build(CliContext context, CommandHandler<SimulateRequest> handler)
    {
        var name = Arguments.ClusterName();
        var json = Arguments.Json();
        return context.Bind(
            new Command("simulate", "Tells what a change or a death would move, and changes nothing.") { name, json },
            parsed => new SimulateRequest(context.ZooKeeper.Require(parsed), parsed.GetRequiredValue(name), parsed.GetValue(json)),
            handler);
    }
}
