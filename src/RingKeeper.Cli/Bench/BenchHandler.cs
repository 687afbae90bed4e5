using System.Globalization;
using RingKeeper.Cli.Commands;
using RingKeeper.Cli.Handlers;
using StackExchange.Redis;

namespace RingKeeper.Cli.Bench;

/// <summary>Loads a cluster for a while, then one of its shards alone in the same way, and deletes what it wrote, also where it is ended early.</summary>
internal static class BenchHandler
{
    public static async Task<int> RunAsync(BenchRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        var (plan, time) = (request.Plan, TimeProvider.System);
        var options = new ClusterOptions { ConfigureRedis = request.Redis.Apply };
        await using var cluster = await ZKCluster.ConnectAsync(Connection.To(request.ZooKeeper), request.Name, options, cancellationToken);
        var hashTag = await HashTagAsync(cluster, request.Name, cancellationToken);
        var alone = AliveIn(cluster.View) ?? throw new RingKeeperException($"No shard of cluster '{request.Name}' is alive: there is nothing to load. 'ringkeeper status {request.Name}' tells more.");
        await using var multiplexer = await ShardConfiguration.OpenAsync(alone.Addr, options).WaitAsync(cancellationToken);
        var keys = plan.NameKeys(Guid.NewGuid().ToString("n"), hashTag);
        output.WriteDiagnostic(string.Create(
            CultureInfo.InvariantCulture,
            $"ringkeeper: this writes to the real servers of cluster {request.Name}: {plan.Keys} keys {keys[0]} and on, of {plan.ValueSize} bytes, which expire after {plan.Expiry.TotalSeconds:0} s and are deleted at the end"));
        output.WriteDiagnostic(string.Create(
            CultureInfo.InvariantCulture,
            $"ringkeeper: {plan.Clients} clients, {plan.Read:P0} reads, {Duration.Format(plan.Duration)} after {Duration.Format(plan.WarmUp)} to warm up, once by the ring and once on {alone.Name} alone; seed {plan.Seed}"));

        List<(string Name, BenchTally Tally)> loads = [];
        var left = 0;
        foreach (var target in new IBenchTarget[] { new RingTarget(cluster), new ShardTarget(alone, multiplexer.GetDatabase()) })
        {
            try
            {
                loads.Add((target.Name, await LoadAsync(plan, keys, target, output, time, cancellationToken)));
            }
            finally
            {
                left += await BenchCleanup.RunAsync(keys, target, time);
                if (cancellationToken.IsCancellationRequested && left > 0)
                {
                    // There will be no report to tell it.
                    output.WriteDiagnostic($"ringkeeper: {BenchReport.Left(plan, left)}");
                }
            }
        }

        var report = new BenchReport(request.Name, plan, loads, left);
        report.Write(request.Json, output);
        return report.HasWorked ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static async Task<BenchTally> LoadAsync(BenchPlan plan, RedisKey[] keys, IBenchTarget target, CliOutput output, TimeProvider time, CancellationToken cancellationToken)
    {
        var load = new BenchLoad(plan, keys, target, time);
        var running = load.RunAsync(cancellationToken);
        await LongWork.ShowAsync(
            output, $"loading {target.Name}", () => load.Share, () => string.Create(CultureInfo.InvariantCulture, $"{target.Name}, {Math.Min(load.Share, 1):P0} done"), running, time);
        return await running;
    }

    private static async Task<string?> HashTagAsync(ZKCluster cluster, string name, CancellationToken cancellationToken)
    {
        await using var connector = ZKConnector.Over(cluster.Client!);
        return (await connector.GetClusterAsync(name, cancellationToken)).Options.HashTag;
    }

    private static Shard? AliveIn(ClusterView view) => view.Ring.Shards.Where((_, i) => view.StatusOf(i) is { Alive: true }).FirstOrDefault();
}
