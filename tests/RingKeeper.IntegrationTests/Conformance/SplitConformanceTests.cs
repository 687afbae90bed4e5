using RingKeeper.Testing;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>The suite against the embedded server over connections on which every byte comes by itself.</summary>
[Trait("Speed", "Slow")]
public sealed class SplitConformanceTests(SplitConformanceTests.SplitServer server) : ConformanceSuite(server), IClassFixture<SplitConformanceTests.SplitServer>
{
    public sealed class SplitServer : IServerUnderTest, IAsyncLifetime
    {
        private readonly EmbeddedServer _server = new();
        private TcpProxy? _proxy;

        public int Port => _proxy?.Port ?? throw new InvalidOperationException("The server has not been started.");

        public async ValueTask InitializeAsync()
        {
            await _server.InitializeAsync();
            _proxy = TcpProxy.Start(_server.Port);
            _proxy.Shape(StallDirection.Both, ProxyManner.ByteByByte with { Reach = 500 });
        }

        public async ValueTask DisposeAsync()
        {
            await (_proxy?.DisposeAsync() ?? default);
            await _server.DisposeAsync();
        }
    }
}
