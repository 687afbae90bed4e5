using System.Globalization;

namespace RingKeeper.Cli.Bench;

/// <summary>What the loads have shown, beside each other. Pure.</summary>
/// <param name="cluster">The cluster's name.</param>
/// <param name="plan">What was done.</param>
/// <param name="loads">The loads, the cluster's first.</param>
/// <param name="left">How many keys were left to their expiry.</param>
internal sealed class BenchReport(string cluster, BenchPlan plan, IReadOnlyList<(string Name, BenchTally Tally)> loads, int left)
{
    private static readonly double[] Parts = [0.5, 0.9, 0.99, 0.999];

    /// <summary>Gets whether any operation of each load was answered.</summary>
    public bool HasWorked => loads.All(static load => load.Tally.Latencies.Count > 0);

    public void Write(bool json, CliOutput output)
    {
        if (json)
        {
            output.WriteJson(Shape());
            return;
        }

        List<IReadOnlyList<string>> rows = [.. loads.Select(load => Row(load.Name, load.Tally))];
        if (loads.Count > 1)
        {
            rows.Add(["ratio", .. Numbers(loads[0].Tally).Zip(Numbers(loads[1].Tally), static (ring, alone) => alone > 0 ? string.Create(CultureInfo.InvariantCulture, $"{ring / alone:0.00}") : "-"), "", ""]);
        }

        output.WriteTable(["load", "operations/s", "p50", "p90", "p99", "p99.9", "max", "hits", "errors"], rows);
        var tally = loads[0].Tally;
        var all = Math.Max(1, tally.Latencies.Count);
        output.WriteTable(
            ["shard", "operations", "share", "errors"],
            [
                .. tally.Shards.Keys.Union(tally.Errors.Keys.Select(static key => key.Shard), StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(shard => (string[])
                [
                    shard, $"{tally.Shards.GetValueOrDefault(shard)}", string.Create(CultureInfo.InvariantCulture, $"{100.0 * tally.Shards.GetValueOrDefault(shard) / all:0.0} %"), ErrorsOf(tally, shard),
                ]),
            ]);
        foreach (var (name, alone) in loads.Skip(1).Where(static load => load.Tally.Errors.Count > 0))
        {
            output.WriteLine($"{name}: {ErrorsOf(alone, null)}");
        }

        if (left > 0)
        {
            output.WriteLine(Left(plan, left));
        }
    }

    /// <summary>Says what becomes of keys that were not deleted.</summary>
    public static string Left(BenchPlan plan, int left) => string.Create(CultureInfo.InvariantCulture, $"{left} keys could not be deleted, nor copies on a shard whose keys failed over meanwhile; all expire within {plan.Expiry.TotalSeconds:0} s");

    private string[] Row(string name, BenchTally tally)
    {
        var numbers = Numbers(tally).ToList();
        return
        [
            name, string.Create(CultureInfo.InvariantCulture, $"{numbers[0]:0}"), .. numbers.Skip(1).Select(static ms => string.Create(CultureInfo.InvariantCulture, $"{ms:0.00} ms")),
            tally.Reads > 0 ? string.Create(CultureInfo.InvariantCulture, $"{100.0 * tally.Hits / tally.Reads:0} %") : "-", $"{tally.Errors.Values.Sum()}",
        ];
    }

    private IEnumerable<double> Numbers(BenchTally tally) =>
        [tally.Latencies.Count / plan.Duration.TotalSeconds, .. Parts.Select(part => tally.Latencies.Percentile(part).TotalMilliseconds), tally.Latencies.Max.TotalMilliseconds];

    private static string ErrorsOf(BenchTally tally, string? shard)
    {
        var errors = tally.Errors.Where(error => shard is null || error.Key.Shard == shard).OrderByDescending(static error => error.Value).Select(static error => string.Create(CultureInfo.InvariantCulture, $"{error.Value} {error.Key.Kind}"));
        return string.Join(", ", errors) is { Length: > 0 } text ? text : "0";
    }

    private object Shape() => new
    {
        Cluster = cluster,
        plan.Seed,
        plan.Clients,
        plan.Read,
        plan.ValueSize,
        plan.Keys,
        DurationSeconds = plan.Duration.TotalSeconds,
        WarmUpSeconds = plan.WarmUp.TotalSeconds,
        Loads = loads.Select(load => new
        {
            load.Name,
            Operations = load.Tally.Latencies.Count,
            OperationsPerSecond = load.Tally.Latencies.Count / plan.Duration.TotalSeconds,
            load.Tally.Reads,
            load.Tally.Hits,
            P50Milliseconds = load.Tally.Latencies.Percentile(Parts[0]).TotalMilliseconds,
            P90Milliseconds = load.Tally.Latencies.Percentile(Parts[1]).TotalMilliseconds,
            P99Milliseconds = load.Tally.Latencies.Percentile(Parts[2]).TotalMilliseconds,
            P999Milliseconds = load.Tally.Latencies.Percentile(Parts[3]).TotalMilliseconds,
            MaxMilliseconds = load.Tally.Latencies.Max.TotalMilliseconds,
            Shards = load.Tally.Shards.OrderBy(static shard => shard.Key, StringComparer.Ordinal).Select(static shard => new { Name = shard.Key, Operations = shard.Value }),
            Errors = load.Tally.Errors.OrderBy(static error => error.Key).Select(static error => new { error.Key.Shard, error.Key.Kind, Count = error.Value }),
        }),
        KeysLeft = left,
    };
}
