using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>cluster update</c> was asked.</summary>
internal sealed record UpdateClusterRequest(ZooKeeperAccess ZooKeeper, string Name, IReadOnlyList<Shard> Add, IReadOnlyList<string> Remove, IReadOnlyList<ShardWeight> Weights)
{
    /// <summary>Gets the share of shards that may die at once, or null to leave it.</summary>
    public int? MaxDeadPercent { get; init; }

    /// <summary>Gets how flapping is damped, or null to leave it.</summary>
    public FlapPolicy? FlapPolicy { get; init; }

    /// <summary>Gets by how much clocks may differ, or null to leave it.</summary>
    public TimeSpan? ClockTolerance { get; init; }

    /// <summary>Gets for how long misses may be filled from the shard before: zero for never, null to leave it.</summary>
    public TimeSpan? WarmReturn { get; init; }
}

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
        var percent = Arguments.MaxDeadPercent();
        var flapping = Arguments.FlapPolicies();
        var tolerance = Arguments.ClockTolerance();
        var warm = Arguments.WarmReturn();

        var command = new Command("update", "Adds shards to a cluster, removes and weighs them, and changes options, in one step.") { name, add, remove, weights, percent, flapping, tolerance, warm };
        command.Validators.Add(result =>
        {
            if (!((Option[])[add, remove, weights, percent, flapping, tolerance, warm]).Any(option => result.GetResult(option) is not null))
            {
                result.AddError("Nothing to change: give --add NAME=ADDR, --remove NAME, --weight NAME=N, --max-dead-percent N, --flap-policy POLICY, --clock-tolerance DURATION or --warm-return DURATION|off.");
            }
        });
        return context.Bind(
            command,
            parsed => new UpdateClusterRequest(
                context.ZooKeeper.Require(parsed), parsed.GetRequiredValue(name), parsed.GetValue(add) ?? [], parsed.GetValue(remove) ?? [], parsed.GetValue(weights) ?? [])
            {
                MaxDeadPercent = parsed.GetValue(percent),
                FlapPolicy = parsed.GetValue(flapping),
                ClockTolerance = parsed.GetValue(tolerance),
                WarmReturn = parsed.GetValue(warm),
            },
            handler,
            "ringkeeper cluster update sessions --add cache3=10.0.0.3:6379 --remove cache1",
            "ringkeeper cluster update sessions --weight cache2=2",
            "ringkeeper cluster update sessions --warm-return 1m");
    }
}
