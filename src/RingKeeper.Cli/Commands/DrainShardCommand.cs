using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>shard drain</c> and <c>shard undrain</c> were asked.</summary>
/// <param name="ZooKeeper">Where the cluster is.</param>
/// <param name="Name">The cluster's name.</param>
/// <param name="Shard">The shard's name.</param>
/// <param name="Drained">Whether it goes out of service or comes back.</param>
/// <param name="Force">Whether the last one that serves may go too.</param>
/// <param name="Wait">How long to wait until the checkers have acted on it, or null to return at once.</param>
internal sealed record DrainShardRequest(ZooKeeperAccess ZooKeeper, string Name, string Shard, bool Drained, bool Force, TimeSpan? Wait);

internal static class DrainShardCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Command BuildDrain(CliContext context, CommandHandler<DrainShardRequest> handler)
    {
        var force = new Option<bool>("--force") { Description = "Drains it though no other shard could serve then." };
        return Build(new Command("drain", "Takes a shard out of service: the checkers call it dead, and its keys go to the next shards."), force, context, handler);
    }

    public static Command BuildUndrain(CliContext context, CommandHandler<DrainShardRequest> handler) =>
        Build(new Command("undrain", "Puts a drained shard back: it is alive again once the checkers say so."), null, context, handler);

    private static Command Build(Command command, Option<bool>? force, CliContext context, CommandHandler<DrainShardRequest> handler)
    {
        var name = Arguments.ClusterName();
        var shard = Arguments.ShardName();
        var wait = new Option<bool>("--wait") { Description = "Returns when the checkers have acted on it." };
        var timeout = Arguments.Duration("--timeout", "How long --wait waits", Patience);
        command.Add(name);
        command.Add(shard);
        if (force is not null)
        {
            command.Add(force);
        }

        command.Add(wait);
        command.Add(timeout);
        command.Validators.Add(result =>
        {
            if (result.GetResult(timeout) is not null && !result.GetValue(wait))
            {
                result.AddError("--timeout bounds --wait, which is not given.");
            }
        });
        return context.Bind(
            command,
            parsed => new DrainShardRequest(
                context.ZooKeeper.Require(parsed),
                parsed.GetRequiredValue(name),
                parsed.GetRequiredValue(shard),
                force is not null,
                force is not null && parsed.GetValue(force),
                parsed.GetValue(wait) ? parsed.GetValue(timeout) ?? Patience : null),
            handler,
            [$"ringkeeper shard {command.Name} sessions cache2", $"ringkeeper shard {command.Name} sessions cache2 --wait --timeout 1m"]);
    }
}
