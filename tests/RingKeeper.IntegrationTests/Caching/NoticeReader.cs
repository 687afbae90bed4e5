using RingKeeper.IntegrationTests.Coordination;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>Reads what a backplane tells, and waits for what is wanted.</summary>
internal sealed class NoticeReader(CacheBackplane backplane) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<CacheNotice> _notices = backplane.WatchAsync(Cancel.Soon).GetAsyncEnumerator();

    /// <summary>Starts a backplane and reads its first gap, so that all that comes later is read.</summary>
    public static async Task<NoticeReader> StartAsync(CacheBackplane backplane)
    {
        await backplane.StartAsync(Cancel.Soon);
        var reader = new NoticeReader(backplane);
        await reader.WaitAsync(notice => notice.Kind == CacheNoticeKind.Gap);
        return reader;
    }

    public async Task<CacheNotice> WaitAsync(Func<CacheNotice, bool> isWanted)
    {
        while (await _notices.MoveNextAsync())
        {
            if (isWanted(_notices.Current))
            {
                return _notices.Current;
            }
        }

        throw new InvalidOperationException("The backplane ended.");
    }

    public Task<CacheNotice> WaitForKeyAsync(string key) => WaitAsync(notice => notice.Kind == CacheNoticeKind.Key && notice.Name == key);

    public ValueTask DisposeAsync() => _notices.DisposeAsync();
}
