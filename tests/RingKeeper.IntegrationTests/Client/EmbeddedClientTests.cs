using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>The client against the embedded server, which can do what a real one does only by accident.</summary>
public sealed class EmbeddedClientTests(EmbeddedClientTests.Fixture fixture) : ClientSuite(fixture), IClassFixture<EmbeddedClientTests.Fixture>
{
    [Fact]
    public async Task A_session_the_server_has_expired_is_replaced_at_the_reconnect()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { ConnectString = server.ConnectString });
        var root = await CreateRootAsync(client);
        await client.CreateAsync($"{root}/ephemeral", default, CreateMode.Ephemeral);
        await using var subscription = await client.WatchAsync(root, WatchMode.PersistentRecursive);
        await using var events = new EventReader(subscription);
        await using var session = new SessionReader(client);
        var before = await session.UntilAsync(SessionState.Connected);

        await server.ExpireSessionAsync(before.SessionId);

        Assert.Equal(before.SessionId, (await session.UntilAsync(SessionState.Lost)).SessionId);
        var after = await session.UntilAsync(SessionState.Connected);
        Assert.Equal(before.Epoch + 1, after.Epoch);
        Assert.NotEqual(before.SessionId, after.SessionId);
        Assert.Null(await client.ExistsAsync($"{root}/ephemeral"));
        var seen = new List<WatchedEventType>();
        while (seen.LastOrDefault() != WatchedEventType.Gap)
        {
            seen.Add((await events.NextAsync()).Type);
        }

        // The deletion of the ephemeral may have been told before the connection went.
        Assert.Equal([WatchedEventType.SessionExpired, WatchedEventType.Gap], seen.Where(type => type != WatchedEventType.NodeDeleted));
    }

    [Fact]
    public async Task An_ensemble_that_lost_its_data_is_accepted_once_the_session_is_given_up()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(
            Options with { ConnectString = server.ConnectString, SessionTimeout = TimeSpan.FromMilliseconds(600) });
        await CreateRootAsync(client);
        await using var session = new SessionReader(client);
        var before = await session.UntilAsync(SessionState.Connected);

        await server.StopAsync();
        await server.RestartAsync(keepData: false);

        await session.UntilAsync(SessionState.Lost);
        var after = await session.UntilAsync(SessionState.Connected);
        Assert.Equal(before.Epoch + 1, after.Epoch);
        Assert.NotNull(await client.ExistsAsync("/"));
    }

    [Fact]
    public async Task Closing_just_after_a_lost_connection_still_closes_the_session()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        await using var proxy = TcpProxy.Start(server.Port);
        var client = await ConnectAsync(proxy);
        await using var session = new SessionReader(client);
        await session.UntilAsync(SessionState.Connected);
        proxy.Refuse = true;
        await proxy.CutAllAsync();
        await session.UntilAsync(SessionState.Suspended);
        proxy.Refuse = false;

        await client.DisposeAsync();

        Assert.Empty(server.Sessions);
        Assert.Equal(SessionState.Closed, client.Session.State);
    }

    [Fact]
    public async Task A_reply_over_the_limit_tells_its_caller_how_to_raise_it()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(
            Options with { ConnectString = server.ConnectString, MaxFrameLength = 1024 });
        for (var i = 0; i < 5; i++)
        {
            await client.CreateAsync($"/{i}-{new string('x', 300)}", default);
        }

        var failure = await FailureOf(client.GetChildrenAsync("/").AsTask());

        Assert.Equal((ZooKeeperErrorCode.ConnectionLoss, OperationOutcome.Unknown), (failure.Code, failure.Outcome));
        Assert.Contains("GetChildren2 /", failure.Message, StringComparison.Ordinal);
        Assert.Contains("at most 1024 are accepted. Raise MaxFrameLength", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sequential_znode_of_the_chroot_itself_stays_within_it()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        await using var outside = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { ConnectString = server.ConnectString });
        await outside.CreateAsync("/app", default);
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { ConnectString = $"{server.ConnectString}/app" });

        var created = await client.CreateAsync("/", default, CreateMode.PersistentSequential);
        var results = await client.MultiAsync([ZooKeeperOp.Create("/", default, CreateMode.EphemeralSequential)]);

        Assert.Equal(["/0000000000", "/0000000001"], [created, results[0].Path]);
        Assert.Equal(["0000000000", "0000000001"], (await outside.GetChildrenAsync("/app")).Names.Order());
        Assert.Equal(["app", "zookeeper"], (await outside.GetChildrenAsync("/")).Names.Order());
    }

    [Fact]
    public async Task A_log_that_throws_stops_neither_client_nor_server()
    {
        var (clientLog, serverLog) = (new ThrowingLogger(), new ThrowingLogger());
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new EmbeddedZooKeeperOptions { Logger = serverLog });
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(
            Options with { ConnectString = server.ConnectString, Logger = clientLog });
        await using var session = new SessionReader(client);
        await session.UntilAsync(SessionState.Connected);

        await server.DropAllConnectionsAsync();

        await session.UntilAsync(SessionState.Suspended);
        await session.UntilAsync(SessionState.Connected);
        Assert.NotNull(await client.ExistsAsync("/").AsTask().WaitAsync(Patience, TimeProvider.System));
        await client.DisposeAsync();
        Assert.Equal(SessionState.Closed, client.Session.State);
        Assert.True(clientLog.Calls > 0 && serverLog.Calls > 0);
    }

    public sealed class Fixture : IZooKeeperUnderTest, IAsyncLifetime
    {
        private EmbeddedZooKeeperServer? _server;

        public int Port => Server.Port;

        public string ConnectString => Server.ConnectString;

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
}
