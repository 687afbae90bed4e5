using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.DependencyInjection;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Caching;

/// <summary>A cluster that nothing breaks, and the distributed cache of an application on it.</summary>
public sealed class CacheFixture<TStack> : IAsyncLifetime
    where TStack : ClusterStack, new()
{
    private readonly TStack _stack = new();
    private TestHost? _host;

    internal TestHost Host => _host!;

    public IBufferDistributedCache Cache => Host.Get<IBufferDistributedCache>();

    public async ValueTask InitializeAsync()
    {
        await _stack.StartAsync(shards: 2, checkers: 1);
        _host = await TestHost.StartAsync(
            builder => builder.Services.AddRingKeeper(builder.Configuration.GetSection("RingKeeper")).AddDistributedCache(),
            ("ZKServers", _stack.ZKServers),
            ("ClusterName", _stack.Name),
            ("Cache:KeyPrefix", "app:"));
        await Views.WaitAsync(Host.Get<ZKCluster>(), Views.AllAlive);
    }

    /// <summary>The shard that holds a key, past the cache.</summary>
    public async Task<IDatabase> ShardOfAsync(string key) =>
        (await Host.Get<ZKCluster>().ConnectAsync($"app:{key}", cancellationToken: Cancel.Soon)).Database;

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        await _stack.DisposeAsync();
    }
}

/// <summary>One of the ways to use a distributed cache.</summary>
public enum Way
{
    Synchronous,
    Asynchronous,
    SynchronousBuffers,
    AsynchronousBuffers,
}

/// <summary>All of them.</summary>
public static class Ways
{
    public static TheoryData<Way> All => [Way.Synchronous, Way.Asynchronous, Way.SynchronousBuffers, Way.AsynchronousBuffers];
}
