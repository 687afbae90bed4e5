using System.Globalization;
using StackExchange.Redis;

namespace RingKeeper.Cli.Balance;

/// <summary>Walks over a shard's keys by SCAN, as far as its quota, and asks what each takes; nothing else, and changes nothing.</summary>
/// <param name="sample">Takes what is found.</param>
/// <param name="pace">Keeps to the rate.</param>
/// <param name="found">Hears how many keys were found.</param>
internal sealed class ShardWalk(ShardSample sample, ScanPace pace, Action<int> found)
{
    private const int MostAtOnce = 100;

    /// <summary>Walks. A failure on the way ends it and is told in the sample.</summary>
    public async Task RunAsync(IDatabase database, CancellationToken cancellationToken)
    {
        try
        {
            await WalkAsync(database, cancellationToken);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            sample.Trouble = Describe(e);
        }
    }

    /// <summary>Says what a failure means, and what right is missing.</summary>
    public static string Describe(Exception failure) => failure.Message.Contains("NOPERM", StringComparison.Ordinal)
        ? $"{failure.Message.TrimEnd('.')}; the user needs +info +scan +memory|usage and the keys (%R~*)"
        : failure is RedisServerException ? failure.Message : failure is TimeoutException ? "it does not answer" : "the connection was lost";

    private async Task WalkAsync(IDatabase database, CancellationToken cancellationToken)
    {
        var cursor = "0";
        do
        {
            var left = sample.Quota - sample.Sampled;
            if (left <= 0)
            {
                return;
            }

            var count = (int)Math.Min(left, Math.Min(MostAtOnce, pace.KeysPerSecond));
            await pace.WaitAsync(count, cancellationToken);
            var answer = (RedisResult[])(await database.ExecuteAsync("SCAN", cursor, "COUNT", count.ToString(CultureInfo.InvariantCulture)).WaitAsync(cancellationToken))!;
            cursor = (string)answer[0]!;
            var fresh = ((byte[][])answer[1]!).Where(sample.IsNew).ToList();
            var keys = fresh.Take((int)Math.Min(left, int.MaxValue)).ToList();

            // One write for them all; an answer of null is a key that has gone meanwhile.
            var usages = await Task.WhenAll(keys.Select(key => database.ExecuteAsync("MEMORY", "USAGE", key))).WaitAsync(cancellationToken);
            foreach (var (key, usage) in keys.Zip(usages))
            {
                if (!usage.IsNull)
                {
                    sample.Add(key, (long)usage);
                }
            }

            found(keys.Count);
            if (keys.Count < fresh.Count)
            {
                // Full before its end, even where SCAN came to it.
                return;
            }
        }
        while (cursor != "0");
        sample.IsWhole = true;
    }
}
