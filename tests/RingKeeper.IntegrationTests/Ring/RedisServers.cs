using RingKeeper.IntegrationTests.Servers;
using Xunit;

namespace RingKeeper.IntegrationTests.Ring;

/// <summary>Five real Redis servers that pools of a test class share, one pool after the other.</summary>
public sealed class RedisServers : IAsyncLifetime
{
    private readonly List<RedisServer> _servers = [];

    public IReadOnlyList<RedisServer> All => _servers;

    public async ValueTask InitializeAsync()
    {
        try
        {
            while (_servers.Count < 5)
            {
                _servers.Add(await RedisServer.StartAsync());
            }
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }
}
