using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>cluster update</c> was asked.</summary>
internal sealed record UpdateClusterRequest(ZooKeeperAccess ZooKeeper, string Name, IReadOnlyList<Shard> Add, IReadOnlyList<string> Remove, IReadOnlyList<ShardWeight> Weights);

internal static class UpdateClusterCommand
{
    public static Command Build(CliContext context, CommandHandler<UpdateClusterRequest> handler)
    {
        var name = Arguments.ClusterName();
        var add = Arguments.Shards("--add", "A Redis server to add; once for each.");
        var remove = new Option<string[]>("--remove")
        {
            Description = "The name of a shard to remove; once for each.", HelpName = "NAME", AllowMultipleArgumentsPerToken = true,
        };
        var weights = Arguments.Weights();

        var command = new Command("update", "Adds shards to a cluster, removes and weighs them, in one step.") { name, add, remove, weights };
        command.Validators.Add(result =>
        {
            if (result.GetResult(add) is null && result.GetResult(remove) is null && result.GetResult(weights) is null)
            {
                result.AddError("Nothing to change: give --add NAME=ADDR, --remove NAME or --weight NAME=N.");
            }
        });
        return context.Bind(
            command,
            parsed => new UpdateClusterRequest(
                context.ZooKeeper.Require(parsed), parsed.GetRequiredValue(name), parsed.GetValue(add) ?? [], parsed.GetValue(remove) ?? [], parsed.GetValue(weights) ?? []),
            handler);
    }
}
