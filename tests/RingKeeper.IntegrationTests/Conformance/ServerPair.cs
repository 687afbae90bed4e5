using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>An Apache ZooKeeper and an embedded server side by side. Sessions live for 40 s, so that none expires in a comparison.</summary>
public sealed class ServerPair : IAsyncLifetime
{
    // Of super:test.
    private const string SuperDigest = "super:D/InIHSb7yEEbrWz8b9l71RjZJU=";

    private ApacheZooKeeper? _apache;
    private EmbeddedZooKeeperServer? _embedded;

    public int ApachePort => _apache?.Port ?? throw NotStarted();

    public int EmbeddedPort => _embedded?.Port ?? throw NotStarted();

    public async ValueTask InitializeAsync()
    {
        _embedded = await EmbeddedZooKeeperServer.StartAsync(new() { SuperDigest = SuperDigest });
        _apache = await ApacheZooKeeper.StartAsync(tickTimeMs: 2_000, new Dictionary<string, string> { ["DigestAuthenticationProvider.superDigest"] = SuperDigest });
    }

    public async ValueTask DisposeAsync()
    {
        if (_apache is not null)
        {
            await _apache.DisposeAsync();
        }

        if (_embedded is not null)
        {
            await _embedded.DisposeAsync();
        }
    }

    private static InvalidOperationException NotStarted() => new("The servers have not been started.");
}
