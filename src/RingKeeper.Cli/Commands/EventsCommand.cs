using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>events</c> was asked.</summary>
/// <param name="ZooKeeper">Where the cluster is.</param>
/// <param name="Name">The cluster's name.</param>
/// <param name="Follow">Whether to go on with what happens.</param>
/// <param name="Limit">How many of those on record to tell, the newest; null for all.</param>
/// <param name="Json">Whether each is a line of JSON.</param>
internal sealed record EventsRequest(ZooKeeperAccess ZooKeeper, string Name, bool Follow, int? Limit, bool Json);

internal static class EventsCommand
{
    public static Command Build(CliContext context, CommandHandler<EventsRequest> handler)
    {
        var name = Arguments.ClusterName();
        var follow = new Option<bool>("--follow") { Description = "Goes on telling each event as it happens, until Ctrl-C." };
        var limit = new Option<int?>("--limit") { Description = "How many of the events on record to tell, the newest (default: all).", HelpName = "N" };
        limit.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && (!int.TryParse(text, out var count) || count < 0))
            {
                result.AddError($"--limit {text}: give a number of at least 0.");
            }
        });
        var json = Arguments.Json();
        return context.Bind(
            new Command("events", "Tells what happened to a cluster, oldest first: decisions with what they rested on, and changes of its shards and options.") { name, follow, limit, json },
            parsed => new EventsRequest(context.ZooKeeper.Require(parsed), parsed.GetRequiredValue(name), parsed.GetValue(follow), parsed.GetValue(limit), parsed.GetValue(json)),
            handler,
            "ringkeeper events sessions --limit 10",
            "ringkeeper events sessions --follow",
            "ringkeeper events sessions --follow --limit 0 --json");
    }
}
