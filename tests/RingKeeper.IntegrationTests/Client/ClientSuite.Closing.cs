using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

public abstract partial class ClientSuite
{
    [Fact]
    public async Task Connecting_to_a_dead_port_fails_in_time_and_names_the_servers()
    {
        var port = FreePort.Next();
        var start = TimeProvider.System.GetTimestamp();

        var failure = await FailureOf(ZooKeeper.ZooKeeperClient.ConnectAsync(
            Options with { ConnectString = $"127.0.0.1:{port},localhost:{port}", StartTimeout = TimeSpan.FromMilliseconds(700) }));

        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.FromMilliseconds(600), TimeSpan.FromSeconds(5));
        Assert.Equal((ZooKeeperErrorCode.ConnectionLoss, OperationOutcome.NotSent), (failure.Code, failure.Outcome));
        Assert.Contains($"127.0.0.1:{port}: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"localhost:{port}: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("refused", failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Connecting_can_be_cancelled_and_leaves_nothing_behind()
    {
        await using var proxy = TcpProxy.Start(Server.Port);
        proxy.Stall();
        using var impatience = new CancellationTokenSource();
        var connecting = ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { ConnectString = proxy.Addr }, impatience.Token);
        await UntilAsync(() => proxy.ConnectionCount > 0);

        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(Patience, TimeProvider.System));
        proxy.Resume();
        await UntilAsync(() => proxy.ConnectionCount == 0);
    }

    [Fact]
    public async Task Closing_tells_everybody_once_and_can_be_repeated()
    {
        await using var other = await ConnectAsync();
        var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        var oneShot = await client.GetDataAndWatchAsync(root);
        await using var subscription = await client.WatchAsync(root, WatchMode.PersistentRecursive);
        await using var events = new EventReader(subscription);
        await using var session = new SessionReader(client);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await client.DisposeAsync())));
        await client.DisposeAsync();

        Assert.Equal(Event(WatchedEventType.Closed, root), await oneShot.Changed.WaitAsync(Patience, TimeProvider.System));
        Assert.Equal(Event(WatchedEventType.Closed, root), await events.NextAsync());
        Assert.True(await events.HasEndedAsync());
        await session.UntilAsync(SessionState.Closed);
        Assert.Equal([SessionState.Connected, SessionState.Closed], session.Seen);
        Assert.Equal(SessionState.Closed, client.Session.State);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetDataAsync(root).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.WatchAsync(root, WatchMode.Persistent).AsTask());
        client.Abort();
    }

    [Fact]
    public async Task Closing_waits_no_longer_than_a_third_of_the_timeout_for_a_hanging_server()
    {
        await using var proxy = TcpProxy.Start(Server.Port);
        var client = await ConnectAsync(proxy, TimeSpan.FromSeconds(3));
        var root = await CreateRootAsync(client);
        proxy.Stall();
        var pending = FailureOf(client.GetDataAsync(root).AsTask());
        var sentBefore = proxy.BytesToServer;
        var start = TimeProvider.System.GetTimestamp();

        await client.DisposeAsync();

        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(3));
        Assert.Equal(ZooKeeperErrorCode.ConnectionLoss, (await pending).Code);
        Assert.Equal(SessionState.Closed, client.Session.State);
        Assert.Equal(sentBefore, proxy.BytesToServer);
    }

    [Fact]
    public async Task Closing_while_the_servers_are_away_is_quick()
    {
        await using var proxy = TcpProxy.Start(Server.Port);
        var client = await ConnectAsync(proxy);
        var root = await CreateRootAsync(client);
        await using var session = new SessionReader(client);
        proxy.Refuse = true;
        await proxy.CutAllAsync();
        await session.UntilAsync(SessionState.Suspended);
        var waiting = FailureOf(client.DeleteAsync(root).AsTask());

        await client.DisposeAsync().AsTask().WaitAsync(Patience, TimeProvider.System);

        Assert.Equal(OperationOutcome.NotSent, (await waiting).Outcome);
        await session.UntilAsync(SessionState.Closed);
    }
}
