using RingKeeper.Cli.Commands;
using RingKeeper.ZooKeeper;

namespace RingKeeper.Cli.Handlers;

/// <summary>Takes shards out of service and puts them back, and waits until the checkers have acted on it.</summary>
internal static class DrainShardHandler
{
    public static async Task<int> RunAsync(DrainShardRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        await using var manager = await ZKManager.ConnectAsync(Connection.To(request.ZooKeeper), cancellationToken);
        var before = await manager.GetClusterAsync(request.Name, cancellationToken);
        var after = request.Drained
            ? await manager.DrainShardAsync(request.Name, request.Shard, request.Force, cancellationToken)
            : await manager.UndrainShardAsync(request.Name, request.Shard, cancellationToken);
        var shard = after.Shards.First(shard => shard.Name == request.Shard);
        var isChange = before.Shards.FirstOrDefault(known => known.Name == shard.Name)?.Drained != shard.Drained;
        output.WriteLine($"{(isChange ? Tell(shard, after) : $"Shard '{shard.Name}' of cluster '{after.Name}' {(shard.Drained ? "is drained already" : "is not drained")}; nothing was changed.")}");
        if (isChange && (await manager.GetCheckersAsync(after.Name, cancellationToken)).Count == 0)
        {
            output.WriteDiagnostic($"ringkeeper: no checker is present: it takes effect once there are checkers: ringkeeper checker {after.Name}");
        }

        return request.Wait is { } patience && !await WaitAsync(manager, after.Name, shard, patience, output, cancellationToken) ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static string Tell(Shard shard, ZKClusterInfo cluster) => (shard.Drained, cluster.Options.FailoverEnabled) switch
    {
        (true, true) => $"Drained shard '{shard.Name}' ({shard.Addr}) of cluster '{cluster.Name}': its keys go to the next shards.",
        (true, false) => $"Drained shard '{shard.Name}' ({shard.Addr}) of cluster '{cluster.Name}', where failover is off: nobody serves its keys until it is undrained.",
        _ => $"Undrained shard '{shard.Name}' ({shard.Addr}) of cluster '{cluster.Name}': it is alive once a majority of the checkers says so.",
    };

    private static async Task<bool> WaitAsync(ZKManager manager, string name, Shard shard, TimeSpan patience, CliOutput output, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            var status = await WaitForAsync(manager, name, shard, limit.Token);
            output.WriteLine($"Shard '{shard.Name}' is agreed to be {(status.Alive ? "alive" : "dead")} since {Times.OfStamp(status.Since)}; clients follow within moments.");
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            output.WriteDiagnostic($"ringkeeper: shard '{shard.Name}' is still not agreed to be {(shard.Drained ? "dead" : "alive")} after {patience.TotalSeconds:0.###} s; the change itself stands. 'ringkeeper why {name} {shard.Name}' tells why.");
            return false;
        }
    }

    // Every decision after the change rests on it, since the leader's write checks the cluster's version: what is read from here on counts.
    private static async Task<ShardStatus> WaitForAsync(ZKManager manager, string name, Shard shard, CancellationToken cancellationToken)
    {
        await using var watch = await manager.Client.WatchAsync(ZKPaths.Status(name), WatchMode.Persistent, cancellationToken);
        await using var changes = watch.ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            if ((await manager.GetStatusAsync(name, cancellationToken)).GetValueOrDefault(shard.Addr) is { } status && status.Alive == !shard.Drained)
            {
                return status;
            }

            if (!await changes.MoveNextAsync())
            {
                throw new RingKeeperException($"The watch on {ZKPaths.Status(name)} ended: the ZooKeeper session is closed.");
            }
        }
    }
}
