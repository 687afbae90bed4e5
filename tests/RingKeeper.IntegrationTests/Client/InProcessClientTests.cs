using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using RingKeeper.IntegrationTests.Embedded;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using RingKeeper.ZooKeeper.Wire;
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

    [Fact]
    public async Task In_virtual_time_a_session_is_lost_when_the_clock_says_so()
    {
        var time = new FakeTimeProvider();
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new() { Listen = false, TimeProvider = time });
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(new ZooKeeperClientOptions
        {
            ConnectString = server.ConnectString,
            Transport = server.Transport,
            TimeProvider = time,
            SessionTimeout = TimeSpan.FromSeconds(30),
        });
        await using var session = new SessionReader(client);
        server.RefuseConnections = true;
        await server.DropAllConnectionsAsync();
        await session.UntilAsync(SessionState.Suspended);

        var lost = session.UntilAsync(SessionState.Lost);
        while (!lost.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Yield();
        }

        await lost;
        server.RefuseConnections = false;
        var back = session.UntilAsync(SessionState.Connected);
        while (!back.IsCompleted)
        {
            // Past the longest pause; a handshake takes no virtual time, but some of this machine's.
            time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.WhenAny(back, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System));
        }

        Assert.Equal([(await back).SessionId], server.Sessions);
    }

    [Fact]
    public async Task A_thousand_sessions_cost_little()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new() { Listen = false });
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var connections = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => RawConnection.ConnectAsync(server.Transport, 40_000)));
        await Task.WhenAll(connections.Select((connection, i) => connection.CreateAsync($"/{i}", flags: 1)));

        Assert.Equal(1_000, server.Sessions.Count);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, 0, 1_000 * 32 * 1024);
        await Task.WhenAll(connections.Select(connection => connection.CallAsync(9, OpCode.CloseSession)));
        Assert.Empty(server.Sessions);
        Array.ForEach(connections, connection => connection.Dispose());
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
