using RingKeeper.IntegrationTests.Servers;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>Apache ZooKeeper as the suite wants it.</summary>
public sealed class ApacheServer : IServerUnderTest, IAsyncLifetime
{
    private ApacheZooKeeper? _server;

    public int Port => _server?.Port ?? throw new InvalidOperationException("The server has not been started.");

    public async ValueTask InitializeAsync() => _server = await ApacheZooKeeper.StartAsync(
        settings: new Dictionary<string, string> { ["extendedTypesEnabled"] = "false" });

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
