using StackExchange.Redis;

namespace RingKeeper.Cli.Bench;

/// <summary>Deletes the keys of a run, as far as it gets within a time; what it does not reach expires by itself.</summary>
internal static class BenchCleanup
{
    private const int AtOnce = 1_000;
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(10);

    /// <summary>Deletes them.</summary>
    /// <returns>How many could not be asked for.</returns>
    public static async Task<int> RunAsync(RedisKey[] keys, IBenchTarget target, TimeProvider time)
    {
        using var late = new CancellationTokenSource(Most, time);
        var left = keys.Length;
        foreach (var chunk in keys.Chunk(AtOnce))
        {
            if (late.IsCancellationRequested)
            {
                break;
            }

            var deleted = chunk.Select(key => DeleteAsync(key, target, late.Token)).ToList();
            left -= (await Task.WhenAll(deleted)).Count(static isDone => isDone);
        }

        return left;
    }

    private static async Task<bool> DeleteAsync(RedisKey key, IBenchTarget target, CancellationToken cancellationToken)
    {
        try
        {
            var (database, _) = await target.RouteAsync(key, cancellationToken);
            await database.KeyDeleteAsync(key).WaitAsync(cancellationToken);
            return true;
        }
        catch (Exception e) when (e is RedisException or TimeoutException or RingKeeperException or OperationCanceledException)
        {
            // Its expiry stands.
            return false;
        }
    }
}
