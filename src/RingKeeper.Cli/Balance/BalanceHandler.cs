using System.Globalization;
using RingKeeper.Cli.Commands;
using RingKeeper.Cli.Handlers;

namespace RingKeeper.Cli.Balance;

/// <summary>Samples a cluster's keys and tells how they lie; what was found until Ctrl-C is told too.</summary>
internal static class BalanceHandler
{
    public static async Task<int> RunAsync(BalanceRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        await using var connector = await ZKConnector.ConnectAsync(Connection.To(request.ZooKeeper), cancellationToken);
        var cluster = await connector.GetClusterAsync(request.Name, cancellationToken);
        var view = KeyPlace.ViewOf(cluster, (await connector.GetStatusAsync(request.Name, cancellationToken)).Values);
        var homes = KeyHomes.Of(cluster, view);
        List<ShardSample> samples = [.. cluster.Shards.Select((shard, i) => new ShardSample(shard, i, request.Biggest, homes))];
        var run = new BalanceRun(request, samples, TimeProvider.System);
        await run.CountAsync(cancellationToken);
        var keys = request.Sample is null ? samples.Sum(static sample => sample.Keys ?? 0) : run.Total;
        var isComplete = true;
        try
        {
            await LongWork.ShowAsync(
                output,
                string.Create(CultureInfo.InvariantCulture, $"looking at {keys} keys, {request.Rate} a second at most"),
                () => keys > 0 ? (double)run.Found / keys : 1,
                () => string.Create(CultureInfo.InvariantCulture, $"{run.Found} of {keys} keys"),
                run.WalkAsync(cancellationToken),
                TimeProvider.System);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            isComplete = false;
        }

        new BalanceReport(cluster, view, samples, request.Biggest, isComplete).Write(request.Json, output);
        cancellationToken.ThrowIfCancellationRequested();
        return samples.TrueForAll(static sample => sample.Trouble is null) ? ExitCodes.Done : ExitCodes.Failed;
    }
}
