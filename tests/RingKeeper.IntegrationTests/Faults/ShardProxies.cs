using System.Collections.Concurrent;
using System.Net;
using RingKeeper.Testing;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace RingKeeper.IntegrationTests.Faults;

/// <summary>Leads one client's connections to each shard through a proxy, so that what it writes can be held up, while the shard's address stays what it is.</summary>
internal sealed class ShardProxies : Tunnel, IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, Lazy<TcpProxy>> _proxies = new();

    public void Apply(ConfigurationOptions redis) => redis.Tunnel = this;

    public TcpProxy Of(string addr) => Of(ShardAddress.Parse(addr));

    public override ValueTask<EndPoint?> GetSocketConnectEndpointAsync(EndPoint endpoint, CancellationToken cancellationToken) =>
        new(new IPEndPoint(IPAddress.Loopback, Of(endpoint).Port));

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies.Values)
        {
            await proxy.Value.DisposeAsync();
        }
    }

    private TcpProxy Of(EndPoint endpoint) => _proxies.GetOrAdd(((IPEndPoint)endpoint).Port, static port => new Lazy<TcpProxy>(() => TcpProxy.Start(port))).Value;
}
