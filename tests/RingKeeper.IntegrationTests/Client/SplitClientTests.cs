using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>The client against a real Apache ZooKeeper over connections on which every byte comes by itself.</summary>
[Trait("Speed", "Slow")]
public sealed class SplitClientTests(SplitClientTests.Fixture fixture) : ClientSuite(fixture), IClassFixture<SplitClientTests.Fixture>
{
    public sealed class Fixture : IZooKeeperUnderTest, IAsyncLifetime
    {
        private ApacheZooKeeper? _server;
        private TcpProxy? _proxy;

        public int Port => Proxy.Port;

        public string ConnectString => Proxy.Addr;

        private ApacheZooKeeper Server => _server ?? throw new InvalidOperationException("The server has not been started.");

        private TcpProxy Proxy => _proxy ?? throw new InvalidOperationException("The proxy has not been started.");

        public async ValueTask InitializeAsync()
        {
            _server = await ApacheZooKeeper.StartAsync();
            _proxy = TcpProxy.Start(_server.Port);

            // Beyond the first, large data would take minutes.
            _proxy.Shape(StallDirection.Both, ProxyManner.ByteByByte with { Reach = 500 });
        }

        public Task StopAsync() => Server.StopAsync();

        public Task StartAsync() => Server.RestartAsync();

        public async ValueTask DisposeAsync()
        {
            await (_proxy?.DisposeAsync() ?? default);
            await (_server?.DisposeAsync() ?? default);
        }
    }
}
