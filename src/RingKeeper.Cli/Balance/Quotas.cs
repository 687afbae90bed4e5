namespace RingKeeper.Cli.Balance;

/// <summary>Shares a sample out over shards. Pure.</summary>
internal static class Quotas
{
    /// <summary>Gives each shard its part by the keys it holds, at least one; all of them where there is no bound.</summary>
    public static void Share(IReadOnlyList<ShardSample> samples, int? bound)
    {
        var all = samples.Sum(static sample => sample.Keys ?? 0);
        foreach (var sample in samples)
        {
            var keys = sample.Keys ?? 0;
            sample.Quota = bound is not { } limit ? (keys > 0 ? long.MaxValue / samples.Count : 0) : all <= limit ? keys : keys == 0 ? 0 : Math.Clamp((long)((double)limit * keys / all), 1, keys);
        }
    }
}
