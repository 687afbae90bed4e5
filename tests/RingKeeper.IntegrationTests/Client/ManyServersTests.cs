using System.Net;
using System.Net.Sockets;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>The client with several servers to choose from, some of which do not answer.</summary>
public sealed class ManyServersTests : IAsyncLifetime
{
    private EmbeddedZooKeeperServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await EmbeddedZooKeeperServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_session_outlives_a_lost_connection_though_all_other_servers_hang()
    {
        // They take connections and never say a word.
        using var one = new TcpListener(IPAddress.Loopback, 0);
        using var two = new TcpListener(IPAddress.Loopback, 0);
        one.Start();
        two.Start();
        await using var client = await ConnectAsync($"{one.LocalEndpoint},{_server.ConnectString},{two.LocalEndpoint}");
        await using var session = new SessionReader(client);
        var before = await session.UntilAsync(SessionState.Connected);
        await client.CreateAsync("/ephemeral", default, CreateMode.Ephemeral);

        for (var round = 0; round < 2; round++)
        {
            await _server.DropAllConnectionsAsync();
            await session.UntilAsync(SessionState.Suspended);
            Assert.Equal(before.SessionId, (await session.UntilAsync(SessionState.Connected)).SessionId);
        }

        Assert.DoesNotContain(SessionState.Lost, session.Seen);
        Assert.Equal(before.SessionId, (await client.ExistsAsync("/ephemeral"))?.EphemeralOwner);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_session_outlives_servers_that_hang_one_after_the_other()
    {
        await using var one = TcpProxy.Start(_server.Port);
        await using var two = TcpProxy.Start(_server.Port);
        await using var three = TcpProxy.Start(_server.Port);
        TcpProxy[] proxies = [one, two, three];
        await using var client = await ConnectAsync(string.Join(',', proxies.Select(proxy => proxy.Addr)));
        await using var session = new SessionReader(client);
        var now = await session.UntilAsync(SessionState.Connected);
        var id = now.SessionId;

        for (var round = 0; round < 3; round++)
        {
            var hanging = proxies.Single(proxy => proxy.Addr == now.Server);
            var another = proxies[(Array.IndexOf(proxies, hanging) + 1 + (round % 2)) % 3];
            hanging.Stall();
            another.Stall();
            await session.UntilAsync(SessionState.Suspended);
            now = await session.UntilAsync(SessionState.Connected);
            hanging.Resume();
            another.Resume();
            Assert.Equal(id, now.SessionId);
        }

        Assert.DoesNotContain(SessionState.Lost, session.Seen);
    }

    private static Task<ZooKeeper.ZooKeeperClient> ConnectAsync(string servers) => ZooKeeper.ZooKeeperClient.ConnectAsync(new ZooKeeperClientOptions
    {
        ConnectString = servers,
        SessionTimeout = TimeSpan.FromSeconds(3),
        ConnectTimeout = TimeSpan.FromSeconds(5),
        StartTimeout = TimeSpan.FromSeconds(20),

        // Any will do; this one puts the second server first, so that the start does not wait for those that hang.
        Random = new Random(4),
    });
}
