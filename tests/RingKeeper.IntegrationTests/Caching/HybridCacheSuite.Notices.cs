using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using RingKeeper.IntegrationTests.Coordination;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>What other processes are told of writes past HybridCache, and of those of which nobody knows whether they were done.</summary>
public abstract partial class HybridCacheSuite<TStack>
{
    [Fact]
    public async Task Every_way_to_write_the_distributed_cache_tells_other_processes()
    {
        await Stack.StartAsync(checkers: 1);
        await StartAsync();
        await StartAsync();
        var cache = _hosts[0].Get<IBufferDistributedCache>();
        await using var backplane = new CacheBackplane(_hosts[1].Get<ZKCluster>());
        await using var heard = await NoticeReader.StartAsync(backplane);
        var (noEnd, value) = (new DistributedCacheEntryOptions(), new ReadOnlySequence<byte>([1]));

        cache.Set("set", [1], noEnd);
        await heard.WaitForKeyAsync("set");
        cache.Set("set buffers", value, noEnd);
        await heard.WaitForKeyAsync("set buffers");
        await cache.SetAsync("set async", [1], noEnd, Cancel.Soon);
        await heard.WaitForKeyAsync("set async");
        await cache.SetAsync("set buffers async", value, noEnd, Cancel.Soon);
        await heard.WaitForKeyAsync("set buffers async");
        cache.Remove("remove");
        await heard.WaitForKeyAsync("remove");
        await cache.RemoveAsync("remove async", Cancel.Soon);
        await heard.WaitForKeyAsync("remove async");
    }

    [Fact]
    public async Task A_write_that_may_have_been_done_though_it_failed_is_told()
    {
        await Stack.StartAsync();
        await StartAsync();
        await StartAsync();
        var cache = _hosts[0].Get<IBufferDistributedCache>();
        await using var backplane = new CacheBackplane(_hosts[1].Get<ZKCluster>());
        await using var heard = await NoticeReader.StartAsync(backplane);
        var key = Views.KeyOf(_hosts[0].Get<ZKCluster>().View.Ring, "shard1");

        Stack.Shards["shard1"].Hang();
        await Assert.ThrowsAnyAsync<Exception>(() => cache.SetAsync(key, [1], new DistributedCacheEntryOptions(), Cancel.Soon));

        await heard.WaitForKeyAsync(key);
        Stack.Shards["shard1"].Resume();
    }
}
