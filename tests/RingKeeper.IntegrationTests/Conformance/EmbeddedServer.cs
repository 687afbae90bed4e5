using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>The embedded server with the session timeouts that Apache ZooKeeper derives from the same tick.</summary>
public sealed class EmbeddedServer : IServerUnderTest, IAsyncLifetime
{
    private EmbeddedZooKeeperServer? _server;

    public int Port => _server?.Port ?? throw new InvalidOperationException("The server has not been started.");

    public async ValueTask InitializeAsync() => _server = await EmbeddedZooKeeperServer.StartAsync(
        new EmbeddedZooKeeperOptions { TickTime = TimeSpan.FromMilliseconds(200), MaxSessionTimeout = TimeSpan.FromSeconds(4), ExtendedTypesEnabled = false });

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
