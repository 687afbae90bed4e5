using RingKeeper.IntegrationTests.Servers;
using Xunit;

namespace RingKeeper.IntegrationTests.Embedded.Kazoo;

/// <summary>The same checks against a real Apache ZooKeeper: one that fails here is wrong itself.</summary>
public sealed class ApacheKazooTests(ApacheKazooTests.Fixture fixture) : IClassFixture<ApacheKazooTests.Fixture>
{
    // Sessions last up to 20 ticks: long enough for a busy machine.
    private const int TickTimeMs = 500;

    [Theory]
    [MemberData(nameof(KazooChecks.OfAnyServer), MemberType = typeof(KazooChecks))]
    public Task Kazoo_is_served(string check) => KazooProcess.CheckAsync(fixture.ConnectString, check);

    public sealed class Fixture : IAsyncLifetime
    {
        private ApacheZooKeeper? _server;

        public string ConnectString =>
            (_server ?? throw new InvalidOperationException("The server has not been started.")).ConnectString;

        public async ValueTask InitializeAsync() => _server = await ApacheZooKeeper.StartAsync(TickTimeMs);

        public async ValueTask DisposeAsync()
        {
            if (_server is not null)
            {
                await _server.DisposeAsync();
            }
        }
    }
}
