using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>events</c> was asked.</summary>
internal sealed record EventsRequest(ZooKeeperAccess ZooKeeper, string Name, bool Json);

internal static class EventsCommand
{
    public static Command Build(CliContext context, CommandHandler<EventsRequest> handler)
    {
        var name = Arguments.ClusterName();
        var json = Arguments.Json();
        return context.Bind(
            new Command("events", "Tells what happened to a cluster.") { name, json },
            parsed => new EventsRequest(context.ZooKeeper.Require(parsed), parsed.GetRequiredValue(name), parsed.GetValue(json)),
            handler);
    }
}
