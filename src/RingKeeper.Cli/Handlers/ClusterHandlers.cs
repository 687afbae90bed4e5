using System.Text.Json.Serialization;
using RingKeeper.Cli.Commands;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Cli.Handlers;

/// <summary>Carries out <c>cluster create|update|delete|list|show</c>.</summary>
internal static class ClusterHandlers
{
    public static async Task<int> CreateAsync(CreateClusterRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        await using var manager = await ZKManager.ConnectAsync(Connection.To(request.ZooKeeper), cancellationToken);
        var options = new ZKClusterOptions
        {
            FailoverEnabled = request.FailoverEnabled,
            RingType = request.RingType,
            RingParams = request.RingParams,
            HashTag = request.HashTag,
            KeyHash = request.KeyHash,
            ExpectedCheckers = request.ExpectedCheckers,
            MaxDeadPercent = request.MaxDeadPercent,
            FlapPolicy = request.FlapPolicy,
            ClockTolerance = request.ClockTolerance,
            WarmReturn = request.WarmReturn,
        };
        var cluster = await manager.CreateClusterAsync(request.Name, request.Shards, options, cancellationToken);
        output.WriteLine($"Created cluster '{cluster.Name}' with {cluster.Shards.Count} shard(s); it serves once {request.ExpectedCheckers / 2 + 1} checker(s) have voted: ringkeeper checker {cluster.Name}");
        return ExitCodes.Done;
    }

    public static async Task<int> UpdateAsync(UpdateClusterRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        await using var manager = await ZKManager.ConnectAsync(Connection.To(request.ZooKeeper), cancellationToken);
        var cluster = await manager.GetClusterAsync(request.Name, cancellationToken);
        foreach (var name in request.Remove)
        {
            if (!cluster.Shards.Any(s => s.Name == name))
            {
                throw new RingKeeperException($"Cluster '{cluster.Name}' has no shard '{name}'; nothing was changed. It has: {string.Join(", ", cluster.Shards.Select(s => s.Name))}.");
            }
        }

        var shards = ShardWeight.Apply(request.Weights, [.. cluster.Shards.Where(s => !request.Remove.Contains(s.Name)), .. request.Add]);
        var options = cluster.Options with
        {
            MaxDeadPercent = request.MaxDeadPercent ?? cluster.Options.MaxDeadPercent,
            FlapPolicy = request.FlapPolicy ?? cluster.Options.FlapPolicy,
            ClockTolerance = request.ClockTolerance ?? cluster.Options.ClockTolerance,
            WarmReturn = request.WarmReturn switch { null => cluster.Options.WarmReturn, { Ticks: 0 } => null, { } time => time },
        };
        var updated = await manager.UpdateClusterAsync(cluster with { Shards = shards, Options = options }, cancellationToken);
        output.WriteLine($"Updated cluster '{updated.Name}': {string.Join(", ", updated.Shards.Select(s => $"{s.Name}={s.Addr}"))}");
        return ExitCodes.Done;
    }

    public static async Task<int> ExpireAsync(ExpireClusterRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        await using var manager = await ZKManager.ConnectAsync(Connection.To(request.ZooKeeper), cancellationToken);
        var cluster = await manager.ExpireCopiesAsync(request.Name, cancellationToken);
        output.WriteLine($"Every copy in caches of cluster '{cluster.Name}' written before {Times.OfStamp(cluster.Version)} is a miss from now on.");
        return ExitCodes.Done;
    }

    public static async Task<int> DeleteAsync(DeleteClusterRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        await using var manager = await ZKManager.ConnectAsync(Connection.To(request.ZooKeeper), cancellationToken);
        await manager.DeleteClusterAsync(request.Name, request.Force, cancellationToken);
        output.WriteLine($"Deleted cluster '{request.Name}'");
        return ExitCodes.Done;
    }

    public static async Task<int> ListAsync(ListClustersRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        await using var connector = await ZKConnector.ConnectAsync(Connection.To(request.ZooKeeper), cancellationToken);
        var clusters = new List<ZKClusterInfo>();
        var isComplete = true;
        foreach (var name in await connector.GetNamesAsync(cancellationToken))
        {
            try
            {
                clusters.Add(await connector.GetClusterAsync(name, cancellationToken));
            }
            catch (RingKeeperException e)
            {
                // One that cannot be read must not hide the others.
                isComplete = false;
                output.WriteDiagnostic($"ringkeeper: {e.Message}");
            }
            catch (ZooKeeperException e) when (e.Code == ZooKeeperErrorCode.NoAuth)
            {
                // One of another identity: said, and no failure, since the root is there for all.
                output.WriteDiagnostic($"ringkeeper: cluster '{name}' is not shown: {ZooKeeperServers.Describe(e)}");
            }
        }

        if (request.Json)
        {
            output.WriteJson(clusters.Select(Shape));
        }
        else
        {
            output.WriteTable(
                ["cluster", "shards", "ring", "failover", "changed"],
                [.. clusters.Select(c => (string[])[c.Name, $"{c.Shards.Count}", Ring(c), c.Options.FailoverEnabled ? "yes" : "no", Times.OfStamp(c.Version)])]);
        }

        return isComplete ? ExitCodes.Done : ExitCodes.Failed;
    }

    public static async Task<int> ShowAsync(ShowClusterRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        await using var connector = await ZKConnector.ConnectAsync(Connection.To(request.ZooKeeper), cancellationToken);
        var cluster = await connector.GetClusterAsync(request.Name, cancellationToken);
        var open = await connector.GetOpenNodesAsync(request.Name, cancellationToken);
        if (request.Json)
        {
            output.WriteJson(Shape(cluster) with { OpenNodes = open });
            return ExitCodes.Done;
        }

        output.WriteLine($"cluster {cluster.Name}, changed {Times.OfStamp(cluster.Version)}");
        output.WriteLine($"ring {Ring(cluster)}, failover {(cluster.Options.FailoverEnabled ? "on" : "off")}, expected checkers {cluster.Options.ExpectedCheckers?.ToString() ?? "those present"}");
        var brake = cluster.Options.MaxDeadPercent is 100 ? "deaths never wait, however many at once" : $"deaths of more than {cluster.Options.MaxDeadPercent ?? 50}% of the shards at once wait";
        output.WriteLine($"{brake}, flap policy {$"{cluster.Options.FlapPolicy}".ToLowerInvariant()}");
        var copies = CopyRules.Of(cluster.Options);
        output.WriteLine($"clock tolerance {Duration.Format(copies.ClockTolerance)}, warm return {(copies.WarmReturn is { } warm ? Duration.Format(warm) : "off")}");
        if (OpenNodes.Describe(cluster.Name, open) is { } line)
        {
            output.WriteLine(line);
        }

        if (RestoredFields.Describe(cluster.RestoredFields) is { } restored)
        {
            output.WriteLine(restored);
        }

        output.WriteTable(["shard", "address", "weight", "service"], [.. cluster.Shards.Select(s => (string[])[s.Name, s.Addr, $"{s.Weight}", s.Drained ? "drained" : "in use"])]);
        return ExitCodes.Done;
    }

    private static string Ring(ZKClusterInfo cluster) =>
        $"{cluster.Options.RingType}({string.Join(", ", new[] { cluster.Options.RingParams, cluster.Options.KeyHash, cluster.Options.HashTag }.Where(static part => !string.IsNullOrEmpty(part)))})";

    private static ClusterShape Shape(ZKClusterInfo cluster) => new(
        cluster.Name,
        cluster.Version,
        cluster.Options.FailoverEnabled,
        cluster.Options.RingType,
        cluster.Options.RingParams,
        cluster.Options.HashTag,
        cluster.Options.KeyHash,
        cluster.Options.ExpectedCheckers,
        cluster.Options.MaxDeadPercent,
        cluster.Options.FlapPolicy,
        (int?)cluster.Options.ClockTolerance?.TotalMilliseconds,
        (int?)cluster.Options.WarmReturn?.TotalMilliseconds,
        cluster.Shards.Select(static s => new ShardShape(s.Name, s.Addr, s.Weight, s.Drained)),
        cluster.RestoredFields);

    private sealed record ShardShape(string Name, string Addr, int Weight, bool Drained);

    private sealed record ClusterShape(
        string Name,
        long Version,
        bool FailoverEnabled,
        string RingType,
        string RingParams,
        string? HashTag,
        string? KeyHash,
        int? ExpectedCheckers,
        int? MaxDeadPercent,
        FlapPolicy FlapPolicy,
        int? ClockToleranceMs,
        int? WarmReturnMs,
        IEnumerable<ShardShape> Shards,
        IReadOnlyList<string> RestoredFields)
    {
        /// <summary>The znodes that anybody may change; left out where nobody looked, since a list would have to ask for every node.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<string>? OpenNodes { get; init; }
    }
}
