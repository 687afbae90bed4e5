using Microsoft.Extensions.Caching.Distributed;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The cache of docs/coming-from-microsoft-cache.md that reads the former one for what is missing, as it stands there.</summary>
public sealed class MovingCache(IDistributedCache cache, IDistributedCache former) : IDistributedCache
{
    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        await cache.GetAsync(key, token) ?? await former.GetAsync(key, token);

    // The former entry goes first: it must not be found once the new one is gone.
    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        await former.RemoveAsync(key, token);
        await cache.SetAsync(key, value, options, token);
    }

    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        await former.RemoveAsync(key, token);
        await cache.RemoveAsync(key, token);
    }

    public Task RefreshAsync(string key, CancellationToken token = default) =>
        Task.WhenAll(cache.RefreshAsync(key, token), former.RefreshAsync(key, token));

    public byte[]? Get(string key) => cache.Get(key) ?? former.Get(key);

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        former.Remove(key);
        cache.Set(key, value, options);
    }

    public void Remove(string key)
    {
        former.Remove(key);
        cache.Remove(key);
    }

    public void Refresh(string key)
    {
        cache.Refresh(key);
        former.Refresh(key);
    }
}
