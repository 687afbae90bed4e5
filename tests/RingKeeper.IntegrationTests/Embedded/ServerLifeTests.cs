using Microsoft.Extensions.Time.Testing;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Embedded;

public sealed class ServerLifeTests
{
    [Fact]
    public async Task A_silent_session_expires_without_a_word_and_its_ephemerals_go_in_one_zxid()
    {
        var time = new FakeTimeProvider();
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new() { TimeProvider = time });
        using var watcher = await RawConnection.ConnectAsync(server, 40_000);
        using var silent = await RawConnection.ConnectAsync(server, 1_000);
        await silent.CreateAsync("/one", flags: 1);
        var last = await silent.CreateAsync("/two", flags: 1);
        await watcher.CallAsync(1, OpCode.Exists, new PathWatchRecord("/one", true).Write);

        time.Advance(TimeSpan.FromMilliseconds(1_199));
        Assert.Equal(ZooKeeperErrorCode.Ok, (await silent.CallAsync(-2, OpCode.Ping)).Error);
        time.Advance(TimeSpan.FromMilliseconds(1_000));
        Assert.Equal(2, server.Sessions.Count);
        time.Advance(TimeSpan.FromMilliseconds(201));

        Assert.Empty(await silent.ReadToEndAsync());
        Assert.Equal("NodeDeleted /one", (await watcher.ReplyAsync()).Event);
        var gone = await watcher.CallAsync(2, OpCode.Exists, new PathWatchRecord("/two", false).Write);
        Assert.Equal((ZooKeeperErrorCode.NoNode, last.Zxid + 1), (gone.Error, gone.Zxid));
        Assert.Equal([watcher.Greeting.SessionId], server.Sessions);
    }

    [Fact]
    public async Task Closing_a_session_takes_its_ephemerals_answers_and_ends_the_connection()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        using var client = await RawConnection.ConnectAsync(server);
        using var other = await RawConnection.ConnectAsync(server);
        await client.CreateAsync("/e", flags: 1);
        var reply = await client.CallAsync(9, OpCode.CloseSession);
        Assert.Equal((9, 4L, ZooKeeperErrorCode.Ok), (reply.Xid, reply.Zxid, reply.Error));
        Assert.Empty(await client.ReadToEndAsync());
        Assert.Equal(ZooKeeperErrorCode.NoNode, (await other.CallAsync(1, OpCode.Exists, new PathWatchRecord("/e", false).Write)).Error);
        Assert.Equal([other.Greeting.SessionId], server.Sessions);
    }

    [Fact]
    public async Task A_container_that_has_run_empty_goes_within_a_minute_and_one_never_used_stays()
    {
        var time = new FakeTimeProvider();
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new() { TimeProvider = time });
        using var client = await RawConnection.ConnectAsync(server, 40_000);
        foreach (var path in new[] { "/used", "/unused" })
        {
            await client.CallAsync(1, OpCode.CreateContainer, new CreateRecord(path, default, Acl.OpenToWorld, 4).Write);
        }

        await client.CreateAsync("/used/a");
        await client.CallAsync(2, OpCode.Delete, new PathVersionRecord("/used/a", -1).Write);
        await client.CallAsync(3, OpCode.Exists, new PathWatchRecord("/used", true).Write);

        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(-2, (await client.CallAsync(-2, OpCode.Ping)).Xid);
        time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal("NodeDeleted /used", (await client.ReplyAsync()).Event);
        Assert.Equal(ZooKeeperErrorCode.Ok, (await client.CallAsync(4, OpCode.Exists, new PathWatchRecord("/unused", false).Write)).Error);
    }

    [Fact]
    public async Task Dropping_a_connection_keeps_the_session_but_not_its_watches()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        using var client = await RawConnection.ConnectAsync(server);
        await client.CreateAsync("/e", flags: 1);
        await client.CallAsync(1, OpCode.AddWatch, new PathModeRecord("/", 1).Write);
        await server.DropConnectionAsync(client.Greeting.SessionId);
        Assert.Empty(await client.ReadToEndAsync());
        using var back = await RawConnection.ConnectAsync(server, resume: client.Greeting);
        Assert.Equal(client.Greeting.SessionId, back.Greeting.SessionId);
        Assert.Equal("/f", (await back.CreateAsync("/f")).Text);
    }

    [Fact]
    public async Task Expiring_a_session_refuses_it_afterwards()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        using var client = await RawConnection.ConnectAsync(server);
        await client.CallAsync(1, OpCode.AddWatch, new PathModeRecord("/", 1).Write);
        await client.CreateAsync("/e", flags: 1);
        await client.ReplyAsync();
        await server.ExpireSessionAsync(client.Greeting.SessionId);
        await server.ExpireSessionAsync(client.Greeting.SessionId);
        Assert.Empty(await client.ReadToEndAsync());
        using var back = await RawConnection.ConnectAsync(server, resume: client.Greeting);
        Assert.Equal(0, back.Greeting.TimeoutMs);
    }

    [Fact]
    public async Task Refusing_closes_new_connections_and_leaves_the_others()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        using var client = await RawConnection.ConnectAsync(server);
        server.RefuseConnections = true;
        using (var refused = await RawConnection.OpenAsync(server))
        {
            Assert.Empty(await refused.ReadToEndAsync());
        }

        Assert.Equal(ZooKeeperErrorCode.Ok, (await client.CallAsync(-2, OpCode.Ping)).Error);
        server.RefuseConnections = false;
        using var next = await RawConnection.ConnectAsync(server);
        Assert.NotEqual(0, next.Greeting.SessionId);
    }

    [Fact]
    public async Task A_restart_keeps_port_data_and_sessions_whose_time_stood_still()
    {
        var time = new FakeTimeProvider();
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new() { TimeProvider = time });
        var port = server.Port;
        using var client = await RawConnection.ConnectAsync(server, 1_000);
        await client.CreateAsync("/e", flags: 1);
        await server.StopAsync();
        Assert.Empty(await client.ReadToEndAsync());
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() => RawConnection.OpenAsync(server));
        time.Advance(TimeSpan.FromMinutes(10));
        await server.RestartAsync();
        Assert.Equal(port, server.Port);
        time.Advance(TimeSpan.FromMilliseconds(900));
        using var back = await RawConnection.ConnectAsync(server, 1_000, client.Greeting);
        Assert.Equal(client.Greeting.SessionId, back.Greeting.SessionId);
        Assert.Equal(ZooKeeperErrorCode.Ok, (await back.CallAsync(1, OpCode.Exists, new PathWatchRecord("/e", false).Write)).Error);
    }

    [Fact]
    public async Task A_wiped_restart_knows_neither_nodes_nor_sessions_nor_zxids()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        using var client = await RawConnection.ConnectAsync(server);
        await client.CreateAsync("/a");
        await server.RestartAsync(keepData: false);
        Assert.Empty(server.Sessions);
        using (var back = await RawConnection.ConnectAsync(server, resume: client.Greeting))
        {
            Assert.Equal(0, back.Greeting.TimeoutMs);
        }

        using var fresh = await RawConnection.ConnectAsync(server);
        var reply = await fresh.CallAsync(1, OpCode.Exists, new PathWatchRecord("/a", false).Write);
        Assert.Equal((ZooKeeperErrorCode.NoNode, 1L), (reply.Error, reply.Zxid));
    }

    [Fact]
    public async Task A_client_that_does_not_read_loses_its_connection_and_holds_up_nobody()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new() { MaxUnsentBytes = 1024 * 1024 });
        using var deaf = await RawConnection.OpenAsync(server, receiveBuffer: 4_096);
        await deaf.GreetAsync(new ConnectRequest(0, 0, 40_000, 0, null, false));
        await deaf.CallAsync(1, OpCode.AddWatch, new PathModeRecord("/", 1).Write);
        using var writer = await RawConnection.ConnectAsync(server, 40_000);
        var path = "/" + new string('x', 200_000);
        for (var i = 0; i < 60; i++)
        {
            Assert.Equal(ZooKeeperErrorCode.Ok, (await writer.CreateAsync(path + i)).Error);
        }

        var before = await deaf.ReadToEndAsync();
        Assert.InRange(before.Length, 1, 59 * 200_000);
        Assert.Contains(deaf.Greeting.SessionId, server.Sessions);
    }

    [Fact]
    public async Task Stopping_waits_neither_for_the_clock_nor_for_a_client_that_does_not_read()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new() { TimeProvider = new FakeTimeProvider() });
        using var deaf = await RawConnection.OpenAsync(server, receiveBuffer: 4_096);
        await deaf.GreetAsync(new ConnectRequest(0, 0, 40_000, 0, null, false));
        await deaf.CallAsync(1, OpCode.Create, new CreateRecord("/big", new byte[900_000], Acl.OpenToWorld, 0).Write);
        for (var xid = 2; xid < 15; xid++)
        {
            await deaf.SendAsync(xid, OpCode.GetData, new PathWatchRecord("/big", false).Write);
        }

        // Lets the server go of the connection, which lingers over the unread answers.
        await deaf.SendAsync(15, OpCode.CloseSession);
        await UntilAsync(() => server.Sessions.Count == 0);

        await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        await server.RestartAsync().WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        using var next = await RawConnection.ConnectAsync(server);
        Assert.NotEqual(0, next.Greeting.SessionId);
    }

    [Fact]
    public async Task A_restart_whose_port_is_taken_says_so_and_succeeds_once_it_is_free()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        await server.StopAsync();
        using (var intruder = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, server.Port))
        {
            intruder.Start();
            var failure = await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() => server.RestartAsync());
            Assert.Contains(server.ConnectString, failure.Message, StringComparison.Ordinal);
        }

        await server.RestartAsync();
        using var client = await RawConnection.ConnectAsync(server);
        Assert.NotEqual(0, client.Greeting.SessionId);
    }

    [Fact]
    public async Task A_port_that_is_taken_or_impossible_is_named()
    {
        using var busy = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        busy.Start();
        var port = ((System.Net.IPEndPoint)busy.LocalEndpoint).Port;

        var taken = await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() => EmbeddedZooKeeperServer.StartAsync(new() { Port = port }));
        Assert.Contains($"127.0.0.1:{port}", taken.Message, StringComparison.Ordinal);
        Assert.Contains("port 0", taken.Message, StringComparison.Ordinal);
        Assert.Equal(System.Net.Sockets.SocketError.AddressAlreadyInUse, taken.SocketErrorCode);
        var impossible = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => EmbeddedZooKeeperServer.StartAsync(new() { Port = 70_000 }));
        Assert.Contains("Port must be from 0 to 65535", impossible.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disposed_server_says_that_it_is()
    {
        var server = await EmbeddedZooKeeperServer.StartAsync();
        await server.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => server.DropConnectionAsync(1));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => server.DropAllConnectionsAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => server.ExpireSessionAsync(1));
    }

    [Fact]
    public async Task Disposing_ends_every_connection_and_may_be_repeated()
    {
        var server = await EmbeddedZooKeeperServer.StartAsync();
        using var client = await RawConnection.ConnectAsync(server);
        using var silent = await RawConnection.OpenAsync(server);
        await server.DisposeAsync();
        await server.DisposeAsync();
        Assert.Empty(await client.ReadToEndAsync());
        Assert.Empty(await silent.ReadToEndAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => server.RestartAsync());
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), TimeProvider.System);
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
