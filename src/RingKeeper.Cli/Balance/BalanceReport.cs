using System.Globalization;

namespace RingKeeper.Cli.Balance;

/// <summary>How keys and bytes lie on the shards beside what the ring says. Pure.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="view">Its ring and who serves.</param>
/// <param name="samples">What was found, one a shard.</param>
/// <param name="biggest">How many of the biggest keys to tell.</param>
/// <param name="isComplete">Whether it was not cut short.</param>
internal sealed class BalanceReport(ZKClusterInfo cluster, ClusterView view, IReadOnlyList<ShardSample> samples, int biggest, bool isComplete)
{
    private readonly RingPicture _picture = RingPicture.Of(view.Ring);
    private readonly long _keys = samples.Sum(static sample => sample.Keys ?? 0);
    private readonly double _bytes = samples.Sum(static sample => sample.Scaled?.Bytes ?? 0);

    public void Write(bool json, CliOutput output)
    {
        if (json)
        {
            output.WriteJson(Shape());
            return;
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"cluster {cluster.Name}: {_keys} keys, {samples.Sum(static sample => sample.Sampled)} looked at{(isComplete ? "" : "; it was cut short")}"));
        output.WriteTable(
            ["shard", "keys", "share", "by the ring", "serves", "sampled", "bytes", "share", "expire", "misplaced"],
            [.. samples.Select(Row)]);
        foreach (var sample in samples.Where(static sample => sample.Trouble is not null))
        {
            output.WriteLine($"{sample.Shard.Name} {(sample.Keys is null ? "was left out" : "was not walked to the end")}: {sample.Trouble}");
        }

        foreach (var home in new[] { KeyHome.Failover, KeyHome.Topology, KeyHome.Elsewhere })
        {
            WriteMisplaced(home, output);
        }

        if (Biggest().ToList() is { Count: > 0 } keys)
        {
            output.WriteTable(["biggest keys", "shard", "bytes"], [.. keys.Select(static key => (string[])[KeyText.Of(key.Key), key.Shard, ByteSize.Format(key.Bytes)])]);
        }
    }

    private string[] Row(ShardSample sample)
    {
        var serving = ServedShares[sample.Index];
        return sample.Keys is not { } keys
            ? [sample.Shard.Name, "-", "-", Percent(_picture.Shares[sample.Index]), Percent(serving), "-", "-", "-", "-", "-"]
            :
            [
                sample.Shard.Name, $"{keys}", Percent(_keys > 0 ? (double)keys / _keys : 0), Percent(_picture.Shares[sample.Index]), Percent(serving), $"{sample.Sampled}",
                sample.Scaled is { } scaled ? $"{ByteSize.Format(scaled.Bytes)} ± {ByteSize.Format(scaled.Margin)}" : "-",
                sample.Scaled is { } of && _bytes > 0 ? Percent(of.Bytes / _bytes) : "-",
                keys > 0 && sample.Expiring is { } expiring ? Percent((double)expiring / keys) : "-",
                sample.Sampled > 0 ? $"{sample.Misplaced} ({Percent((double)sample.Misplaced / sample.Sampled)})" : "-",
            ];
    }

    private IReadOnlyList<double> ServedShares => _picture.ServedShares(shard => view.StatusOf(shard)?.Alive, view.FailoverEnabled);

    private void WriteMisplaced(KeyHome home, CliOutput output)
    {
        var count = samples.Sum(sample => sample.CountOf(home));
        if (count == 0)
        {
            return;
        }

        var what = home switch
        {
            KeyHome.Failover => "lie on the next in line after their owner: left by a failover, never read while the owner serves",
            KeyHome.Topology => "lie where an earlier topology put them: never read now",
            _ => "lie where this ring does not put them, nor the next in line: left by a failover of several shards, or written past the ring",
        };
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} of the sampled keys {what}"));
        foreach (var (shard, key) in samples.SelectMany(static sample => sample.Examples.Select(example => (sample.Shard.Name, Example: example))).Where(one => one.Example.Home == home).Take(5).Select(static one => (one.Name, one.Example.Key)))
        {
            output.WriteLine($"  {KeyText.Of(key)} on {shard}, of {view.Ring.Shards[view.Ring.GetOwner(key)].Name}");
        }
    }

    private IEnumerable<SampledKey> Biggest() => samples.SelectMany(static sample => sample.Biggest).OrderByDescending(static key => key.Bytes).Take(biggest);

    private object Shape() => new
    {
        Cluster = cluster.Name,
        IsComplete = isComplete,
        Keys = _keys,
        Sampled = samples.Sum(static sample => sample.Sampled),
        Shards = samples.Select(sample => new
        {
            sample.Shard.Name,
            sample.Shard.Addr,
            sample.Trouble,
            sample.Keys,
            sample.Expiring,
            sample.Sampled,
            Bytes = sample.Scaled?.Bytes,
            BytesMargin = sample.Scaled?.Margin,
            KeyShare = sample.Keys is { } keys && _keys > 0 ? (double)keys / _keys : (double?)null,
            RingShare = _picture.Shares[sample.Index],
            ServedShare = ServedShares[sample.Index],
            LeftByFailover = sample.CountOf(KeyHome.Failover),
            LeftByTopology = sample.CountOf(KeyHome.Topology),
            Elsewhere = sample.CountOf(KeyHome.Elsewhere),
            Examples = sample.Examples.Select(example => new { Home = example.Home, Key = KeyText.Of(example.Key), Owner = view.Ring.Shards[view.Ring.GetOwner(example.Key)].Name }),
        }),
        Biggest = Biggest().Select(static key => new { Key = KeyText.Of(key.Key), key.Shard, key.Bytes }),
    };

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.0} %");
}
