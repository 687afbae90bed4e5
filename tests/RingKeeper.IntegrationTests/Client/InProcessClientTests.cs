using System.Net;
using System.Net.Sockets;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>The client against the embedded server with no socket between them, but where a test puts a proxy there.</summary>
[Trait("Speed", "Slow")]
public sealed class InProcessClientTests(InProcessClientTests.Fixture fixture) : ClientSuite(fixture), IClassFixture<InProcessClientTests.Fixture>
{
    [Fact]
    public async Task A_stopped_server_is_out_of_reach_and_found_again()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new() { Listen = false });
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { ConnectString = server.ConnectString, Transport = server.Transport });
        var before = client.Session;
        await server.StopAsync();
        await Assert.ThrowsAsync<IOException>(async () => await server.Transport.ConnectAsync(new DnsEndPoint("a", 1), default));
        await server.RestartAsync();
        Assert.NotNull(await client.ExistsAsync("/").AsTask().WaitAsync(Patience, TimeProvider.System));
        Assert.Equal(before.SessionId, client.Session.SessionId);
    }

    [Fact]
    public async Task A_server_that_does_not_listen_has_no_port()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new() { Listen = false });
        Assert.Contains("Transport", Assert.Throws<InvalidOperationException>(() => server.Port).Message, StringComparison.Ordinal);
    }

    public sealed class Fixture : IZooKeeperUnderTest, IAsyncLifetime
    {
        private EmbeddedZooKeeperServer? _server;

        public int Port => Server.Port;

        public string ConnectString => Server.ConnectString;

        public IZooKeeperTransport? Transport => new AroundProxies(Server);

        private EmbeddedZooKeeperServer Server => _server ?? throw new InvalidOperationException("The server has not been started.");

        public async ValueTask InitializeAsync() =>
            _server = await EmbeddedZooKeeperServer.StartAsync(new EmbeddedZooKeeperOptions { MaxSessionTimeout = TimeSpan.FromSeconds(4) });

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

    /// <summary>Goes to the server inside the process, and to any other address, such as a proxy's or a dead one, by TCP.</summary>
    private sealed class AroundProxies(EmbeddedZooKeeperServer server) : IZooKeeperTransport
    {
        public ValueTask<Stream> ConnectAsync(DnsEndPoint address, CancellationToken cancellationToken) =>
            address.Port == server.Port ? server.Transport.ConnectAsync(address, cancellationToken) : DialAsync(address, cancellationToken);

        private static async ValueTask<Stream> DialAsync(DnsEndPoint address, CancellationToken cancellationToken)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address.Host, address.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                throw new IOException(exception.Message, exception);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }
}
