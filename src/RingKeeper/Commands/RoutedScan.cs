using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>A scan of one key that finds its shard each time it is begun: it may be begun long after it was made, and again.</summary>
internal sealed class RoutedScan<T>(IShardRoutes routes, RoutePolicy policy, RedisKey key, Func<IDatabase, IAsyncEnumerable<T>> open) : IAsyncEnumerable<T>, IScanningCursor
{
    // The scan begun last, which the cursor is asked for.
    private volatile IScanningCursor? _begun;

    public long Cursor => _begun?.Cursor ?? 0;

    public int PageSize => _begun?.PageSize ?? 0;

    public int PageOffset => _begun?.PageOffset ?? 0;

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) => RunAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

    private async IAsyncEnumerable<T> RunAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var route = await routes.ConnectAsync(key, policy, ct).ConfigureAwait(false);
        var scan = open(route.Database);
        _begun = scan as IScanningCursor;
        await foreach (var item in scan.WithCancellation(ct).ConfigureAwait(false))
        {
            yield return item;
        }
    }
}
