using RingKeeper.IntegrationTests.Servers;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>The client against a real Apache ZooKeeper.</summary>
public sealed class ApacheClientTests(ApacheClientTests.Fixture fixture) : ClientSuite(fixture), IClassFixture<ApacheClientTests.Fixture>
{
    public sealed class Fixture : IZooKeeperUnderTest, IAsyncLifetime
    {
        private ApacheZooKeeper? _server;

        public int Port => Server.Port;

        public string ConnectString => Server.ConnectString;

        private ApacheZooKeeper Server => _server ?? throw new InvalidOperationException("The server has not been started.");

        public async ValueTask InitializeAsync() => _server = await ApacheZooKeeper.StartAsync();

        public Task StopAsync() => Server.StopAsync();

        public Task StartAsync() => Server.RestartAsync();

        public async ValueTask DisposeAsync()
        {
            if (_server is not null)
            {
                await _server.DisposeAsync();
            }
        }
    }
}
