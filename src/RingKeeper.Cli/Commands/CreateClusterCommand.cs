using System.CommandLine;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>cluster create</c> was asked.</summary>
internal sealed record CreateClusterRequest(
    ZooKeeperAccess ZooKeeper,
    string Name,
    IReadOnlyList<Shard> Shards,
    string RingType,
    string RingParams,
    string? HashTag,
    string? KeyHash,
    bool FailoverEnabled,
    int ExpectedCheckers)
{
    /// <summary>Gets the share of shards that may die at once, or null for the standard one.</summary>
    public int? MaxDeadPercent { get; init; }

    /// <summary>Gets how flapping is damped.</summary>
    public FlapPolicy FlapPolicy { get; init; }

    /// <summary>Gets by how much clocks may differ, or null for the standard.</summary>
    public TimeSpan? ClockTolerance { get; init; }

    /// <summary>Gets for how long misses may be filled from the shard before, or null for never.</summary>
    public TimeSpan? WarmReturn { get; init; }
}

internal static class CreateClusterCommand
{
    public static Command Build(CliContext context, CommandHandler<CreateClusterRequest> handler)
    {
        var name = Arguments.NewClusterName();
        var shards = Arguments.Shards("--shard", "A Redis server of the cluster; once for each.");
        shards.Required = true;
        var ring = new Option<string>("--ring")
        {
            Description = "The type of ring that places keys.", HelpName = "TYPE", DefaultValueFactory = _ => RingTypes.Consistent,
        };
        ring.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, [.. RingTypes.Names]);
        var points = Arguments.Count("--ring-params", "Points of each shard on the ring.", standard: 160, most: Arguments.MostPoints);
        var tag = new Option<string>("--hash-tag") { Description = "Two characters, such as {}: of a key with text between them only that text is hashed. Not for the ring Consistent.", HelpName = "XY" };
        var hash = new Option<string>("--key-hash") { Description = $"The hash of keys on the ring Ketama, as twemproxy names it (default: {KeyHashes.Standard}).", HelpName = "HASH" };
        hash.AcceptOnlyFromAmong([.. KeyHashes.Names]);
        var weights = Arguments.Weights();
        var failover = new Option<bool>("--failover") { Arity = ArgumentArity.Zero, Description = "Serves the keys of a dead shard from the next one (default)." };
        var noFailover = new Option<bool>("--no-failover") { Arity = ArgumentArity.Zero, Description = "Leaves the keys of a dead shard unserved." };
        var checkers = Arguments.Count("--expected-checkers", "Checkers that are meant to run; a majority of them decides.", standard: 3);
        var percent = Arguments.MaxDeadPercent();
        var flapping = Arguments.FlapPolicies();
        var tolerance = Arguments.ClockTolerance();
        var warm = Arguments.WarmReturn();

        var command = new Command("create", "Creates a cluster.") { name, shards, weights, ring, points, tag, hash, failover, noFailover, checkers, percent, flapping, tolerance, warm };
        command.Validators.Add(result =>
        {
            if (result.GetValue(failover) && result.GetValue(noFailover))
            {
                result.AddError("--failover and --no-failover exclude each other.");
            }

            if (result.GetResult(points) is { Implicit: false } && result.GetResult(ring) is { Tokens: [var type] } && IsRendezvous(type.Value))
            {
                result.AddError($"--ring-params means nothing to the ring {RingTypes.Rendezvous}, which has no points; leave it out.");
            }
        });
        return context.Bind(
            command,
            parsed => new CreateClusterRequest(
                context.ZooKeeper.Require(parsed),
                parsed.GetRequiredValue(name),
                ShardWeight.Apply(parsed.GetValue(weights) ?? [], parsed.GetRequiredValue(shards)),
                parsed.GetRequiredValue(ring),
                IsRendezvous(parsed.GetRequiredValue(ring)) ? "" : $"{parsed.GetValue(points)}",
                parsed.GetValue(tag),
                parsed.GetValue(hash),
                !parsed.GetValue(noFailover),
                parsed.GetValue(checkers))
            {
                MaxDeadPercent = parsed.GetValue(percent),
                FlapPolicy = parsed.GetValue(flapping) ?? FlapPolicy.Go,
                ClockTolerance = parsed.GetValue(tolerance),
                WarmReturn = parsed.GetValue(warm) is { Ticks: > 0 } time ? time : null,
            },
            handler,
            "ringkeeper cluster create sessions --shard cache1=10.0.0.1:6379 cache2=10.0.0.2:6379",
            "ringkeeper cluster create pages --shard a=10.0.0.1:6379 b=10.0.0.2:6379 --weight b=2 --ring Ketama --hash-tag {}");
    }

    private static bool IsRendezvous(string type) => string.Equals(type, RingTypes.Rendezvous, StringComparison.OrdinalIgnoreCase);
}
