using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>
/// The distributed cache, telling other processes of each write once it is done. What runs in <see cref="RunNearAsync"/> changes nothing on the shards: so HybridCache, which can
/// drop an entry only here and there at once, is made to drop it here alone.
/// </summary>
internal sealed class NotifyingDistributedCache(RingKeeperDistributedCache inner, CacheBackplane backplane) : IBufferDistributedCache
{
    private static readonly AsyncLocal<bool> NearOnly = new();

    /// <summary>Runs what may write near, and not on the shards.</summary>
    public static async ValueTask RunNearAsync(Func<ValueTask> action)
    {
        NearOnly.Value = true;
        try
        {
            await action().ConfigureAwait(false);
        }
        finally
        {
            NearOnly.Value = false;
        }
    }

    public byte[]? Get(string key) => inner.Get(key);

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => inner.GetAsync(key, token);

    public bool TryGet(string key, IBufferWriter<byte> destination) => inner.TryGet(key, destination);

    public ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default) => inner.TryGetAsync(key, destination, token);

    public void Refresh(string key) => inner.Refresh(key);

    public Task RefreshAsync(string key, CancellationToken token = default) => inner.RefreshAsync(key, token);

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => Write(key, () => inner.Set(key, value, options));

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) => Write(key, () => inner.Set(key, value, options));

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        KnowIfNear(key, new ReadOnlySequence<byte>(value));
        return WriteAsync(key, () => inner.SetAsync(key, value, options, token));
    }

    public ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        KnowIfNear(key, value);
        return new ValueTask(WriteAsync(key, () => inner.SetAsync(key, value, options, token).AsTask()));
    }

    public void Remove(string key) => Write(key, () => inner.Remove(key));

    public Task RemoveAsync(string key, CancellationToken token = default) => WriteAsync(key, () => inner.RemoveAsync(key, token));

    // HybridCache holds the mark of a tag from then on and never asks for it: without this, a later removal that nobody told of would be read from no shard.
    private void KnowIfNear(string key, in ReadOnlySequence<byte> value)
    {
        if (NearOnly.Value && inner.Marks.IsMark(key))
        {
            inner.Marks.Know(key, value.ToArray());
        }
    }

    private void Write(string key, Action write)
    {
        if (NearOnly.Value)
        {
            return;
        }

        try
        {
            write();
        }
        catch (Exception e) when (MayBeApplied(e))
        {
            backplane.PublishOrOwe(NoticeOf(key));
            throw;
        }

        backplane.PublishOrOwe(NoticeOf(key));
    }

    private async Task WriteAsync(string key, Func<Task> write)
    {
        if (NearOnly.Value)
        {
            return;
        }

        try
        {
            await write().ConfigureAwait(false);
        }
        catch (Exception e) when (MayBeApplied(e))
        {
            await backplane.PublishOrOweAsync(NoticeOf(key)).ConfigureAwait(false);
            throw;
        }

        await backplane.PublishOrOweAsync(NoticeOf(key)).ConfigureAwait(false);
    }

    private static bool MayBeApplied(Exception error) => error is RedisException or TimeoutException or OperationCanceledException;

    private static CacheNotice NoticeOf(string key) => key.StartsWith(TagMarks.Prefix, StringComparison.Ordinal)
        ? new CacheNotice(CacheNoticeKind.Tag, key[TagMarks.Prefix.Length..])
        : new CacheNotice(CacheNoticeKind.Key, key);
}
