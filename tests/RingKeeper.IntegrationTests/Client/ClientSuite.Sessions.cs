using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

public abstract partial class ClientSuite
{
    [Fact]
    public async Task A_cut_connection_keeps_the_session_and_tells_each_subscription_one_gap()
    {
        await using var proxy = TcpProxy.Start(Server.Port);
        await using var client = await ConnectAsync(proxy);
        var root = await CreateRootAsync(client);
        await client.CreateAsync($"{root}/ephemeral", default, CreateMode.Ephemeral);
        await using var persistent = await client.WatchAsync(root, WatchMode.Persistent);
        await using var recursive = await client.WatchAsync(root, WatchMode.PersistentRecursive);
        await using var persistentEvents = new EventReader(persistent);
        await using var recursiveEvents = new EventReader(recursive);
        await using var session = new SessionReader(client);
        var before = await session.UntilAsync(SessionState.Connected);

        await proxy.CutAllAsync();
        await session.UntilAsync(SessionState.Suspended);
        var after = await session.UntilAsync(SessionState.Connected);
        await client.CreateAsync($"{root}/a", default);

        Assert.Equal(before.SessionId, after.SessionId);
        Assert.Equal(before.Epoch, after.Epoch);
        Assert.NotNull(await client.ExistsAsync($"{root}/ephemeral"));
        Assert.Equal([Event(WatchedEventType.Gap, root), Event(WatchedEventType.NodeChildrenChanged, root)], await persistentEvents.NextAsync(2));
        Assert.Equal([Event(WatchedEventType.Gap, root), Event(WatchedEventType.NodeCreated, $"{root}/a")], await recursiveEvents.NextAsync(2));
    }

    [Fact]
    public async Task A_restart_of_the_server_keeps_the_session()
    {
        await using var client = await ConnectAsync();
        var root = await CreateRootAsync(client);
        await client.CreateAsync($"{root}/ephemeral", default, CreateMode.Ephemeral);
        await using var session = new SessionReader(client);
        var before = await session.UntilAsync(SessionState.Connected);

        await Server.StopAsync();
        await session.UntilAsync(SessionState.Suspended);
        await Server.StartAsync();
        var after = await session.UntilAsync(SessionState.Connected);

        Assert.Equal(before.SessionId, after.SessionId);
        Assert.Equal(before.SessionId, (await client.ExistsAsync($"{root}/ephemeral"))!.Value.EphemeralOwner);
    }

    [Fact]
    public async Task Changes_made_while_disconnected_reach_one_shot_watches()
    {
        await using var proxy = TcpProxy.Start(Server.Port);
        await using var client = await ConnectAsync(proxy);
        await using var other = await ConnectAsync();
        var root = await CreateRootAsync(client);
        await client.CreateAsync($"{root}/doomed", default);
        var data = await client.GetDataAndWatchAsync(root);
        var children = await client.GetChildrenAndWatchAsync(root);
        var missing = await client.ExistsAndWatchAsync($"{root}/a");
        var doomed = await client.GetDataAndWatchAsync($"{root}/doomed");
        var untouched = await client.ExistsAndWatchAsync($"{root}/untouched");
        await using var session = new SessionReader(client);

        proxy.Refuse = true;
        await proxy.CutAllAsync();
        await session.UntilAsync(SessionState.Suspended);
        await other.SetDataAsync(root, default);
        await other.CreateAsync($"{root}/a", default);
        await other.DeleteAsync($"{root}/doomed");
        proxy.Refuse = false;

        Assert.Equal(Event(WatchedEventType.NodeDataChanged, root), await data.Changed.WaitAsync(Patience, TimeProvider.System));
        Assert.Equal(Event(WatchedEventType.NodeChildrenChanged, root), await children.Changed.WaitAsync(Patience, TimeProvider.System));
        Assert.Equal(Event(WatchedEventType.NodeCreated, $"{root}/a"), await missing.Changed.WaitAsync(Patience, TimeProvider.System));
        Assert.Equal(Event(WatchedEventType.NodeDeleted, $"{root}/doomed"), await doomed.Changed.WaitAsync(Patience, TimeProvider.System));
        await client.SyncAsync(root);
        Assert.False(untouched.Changed.IsCompleted);
        await other.CreateAsync($"{root}/untouched", default);
        Assert.Equal(Event(WatchedEventType.NodeCreated, $"{root}/untouched"), await untouched.Changed.WaitAsync(Patience, TimeProvider.System));
    }

    [Fact]
    public async Task More_watches_than_fit_one_request_are_set_again()
    {
        await using var proxy = TcpProxy.Start(Server.Port);
        await using var client = await ConnectAsync(proxy);
        await using var other = await ConnectAsync();
        var root = await CreateRootAsync(client);
        var name = new string('x', 1000);
        var watches = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => client.ExistsAndWatchAsync($"{root}/{i}-{name}").AsTask()));
        await using var subscription = await client.WatchAsync(root, WatchMode.Persistent);
        await using var events = new EventReader(subscription);

        await proxy.CutAllAsync();
        Assert.Equal(WatchedEventType.Gap, (await events.NextAsync()).Type);
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => other.CreateAsync($"{root}/{i}-{name}", default).AsTask()));

        var changes = await Task.WhenAll(watches.Select(w => w.Changed)).WaitAsync(Patience, TimeProvider.System);
        Assert.All(changes, change => Assert.Equal(WatchedEventType.NodeCreated, change.Type));
    }

    [Fact]
    public async Task Credentials_are_proved_again_after_a_reconnect()
    {
        await using var proxy = TcpProxy.Start(Server.Port);
        await using var client = await ConnectAsync(proxy);
        await client.AddAuthAsync("digest", "bob:secret"u8.ToArray());
        var root = await CreateRootAsync(client);
        await client.CreateAsync($"{root}/mine", default, acl: Acl.CreatorOnly);
        await using var session = new SessionReader(client);

        await proxy.CutAllAsync();
        await session.UntilAsync(SessionState.Suspended);

        Assert.Empty((await client.GetDataAsync($"{root}/mine")).Data);
    }

    [Fact]
    public async Task An_idle_client_keeps_its_session_by_pings()
    {
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { SessionTimeout = TimeSpan.FromMilliseconds(600) });
        await using var other = await ConnectAsync();
        var root = await CreateRootAsync(client);
        var path = await client.CreateAsync($"{root}/ephemeral", default, CreateMode.Ephemeral);
        await other.SyncAsync(path);
        var watched = await other.ExistsAndWatchAsync(path);
        await using var session = new SessionReader(client);

        // Three timeouts and more: an idle session without pings would be gone.
        await Assert.ThrowsAsync<TimeoutException>(() => watched.Changed.WaitAsync(TimeSpan.FromSeconds(2), TimeProvider.System));

        await client.DisposeAsync();
        await session.UntilAsync(SessionState.Closed);
        Assert.Equal([SessionState.Connected, SessionState.Closed], session.Seen);
    }

    [Fact]
    public async Task A_hanging_server_is_noticed_and_another_connection_found()
    {
        await using var proxy = TcpProxy.Start(Server.Port);
        await using var client = await ConnectAsync(proxy);
        await using var session = new SessionReader(client);
        var before = await session.UntilAsync(SessionState.Connected);

        proxy.Stall();
        await session.UntilAsync(SessionState.Suspended);
        proxy.Resume();
        var after = await session.UntilAsync(SessionState.Connected);

        Assert.Equal(before.SessionId, after.SessionId);
    }

    [Fact]
    public async Task Expiry_is_told_once_to_everybody_and_a_new_session_follows()
    {
        await using var proxy = TcpProxy.Start(Server.Port);
        await using var client = await ConnectAsync(proxy, TimeSpan.FromMilliseconds(800));
        var root = await CreateRootAsync(client);
        await client.CreateAsync($"{root}/ephemeral", default, CreateMode.Ephemeral);
        var oneShot = await client.GetDataAndWatchAsync(root);
        await using var subscription = await client.WatchAsync(root, WatchMode.Persistent);
        await using var events = new EventReader(subscription);
        await using var session = new SessionReader(client);
        var before = await session.UntilAsync(SessionState.Connected);

        proxy.Refuse = true;
        await proxy.CutAllAsync();
        await session.UntilAsync(SessionState.Suspended);
        var queued = FailureOf(client.GetDataAsync(root).AsTask());
        var expired = await session.UntilAsync(SessionState.Lost);

        Assert.Equal(before.SessionId, expired.SessionId);
        Assert.Equal(Event(WatchedEventType.SessionExpired, root), await oneShot.Changed.WaitAsync(Patience, TimeProvider.System));
        Assert.Equal(Event(WatchedEventType.SessionExpired, root), await events.NextAsync());
        Assert.Equal(ZooKeeperErrorCode.SessionExpired, (await queued).Code);
        Assert.Equal(OperationOutcome.NotSent, (await queued).Outcome);

        proxy.Refuse = false;
        var after = await session.UntilAsync(SessionState.Connected);
        Assert.Equal(before.Epoch + 1, after.Epoch);
        Assert.NotEqual(before.SessionId, after.SessionId);
        Assert.Equal(Event(WatchedEventType.Gap, root), await events.NextAsync());
        await client.SetDataAsync(root, default);
        var next = await events.NextAsync();
        Assert.True(next.Type is WatchedEventType.NodeDataChanged or WatchedEventType.NodeChildrenChanged, $"{next}");
        Assert.Equal(
            [SessionState.Connected, SessionState.Suspended, SessionState.Lost, SessionState.Connecting, SessionState.Connected],
            session.Seen);
    }

    [Fact]
    public async Task Ephemeral_znodes_go_at_once_with_a_closed_session()
    {
        await using var other = await ConnectAsync();
        var root = await CreateRootAsync(other);
        var client = await ConnectAsync();
        var path = await client.CreateAsync($"{root}/ephemeral", default, CreateMode.Ephemeral);

        await client.DisposeAsync();

        await other.SyncAsync(path);
        Assert.Null(await other.ExistsAsync(path));
    }

    [Fact]
    public async Task Ephemeral_znodes_of_an_aborted_client_go_only_with_the_expiry()
    {
        await using var other = await ConnectAsync();
        var root = await CreateRootAsync(other);
        var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { SessionTimeout = TimeSpan.FromSeconds(2) });
        var path = await client.CreateAsync($"{root}/ephemeral", default, CreateMode.Ephemeral);
        await other.SyncAsync(path);
        var watched = await other.ExistsAndWatchAsync(path);
        var start = TimeProvider.System.GetTimestamp();

        client.Abort();
        await client.DisposeAsync();
        Assert.NotNull(await other.ExistsAsync(path));

        Assert.Equal(Event(WatchedEventType.NodeDeleted, path), await watched.Changed.WaitAsync(Patience, TimeProvider.System));
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.FromSeconds(1), Patience);
        Assert.Equal(SessionState.Closed, client.Session.State);
    }

    [Fact]
    public async Task A_request_that_left_is_unknown_and_one_that_did_not_is_not_sent()
    {
        await using var proxy = TcpProxy.Start(Server.Port);
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(
            Options with { ConnectString = proxy.Addr, UnsentTimeout = TimeSpan.FromMilliseconds(300) });
        await using var other = await ConnectAsync();
        var root = await CreateRootAsync(client);
        await using var session = new SessionReader(client);
        var watched = await other.ExistsAndWatchAsync($"{root}/applied");

        proxy.Stall(StallDirection.ToClient);
        var sent = client.CreateAsync($"{root}/applied", default);
        await watched.Changed.WaitAsync(Patience, TimeProvider.System);
        proxy.Refuse = true;
        await proxy.CutAllAsync();
        await session.UntilAsync(SessionState.Suspended);
        var unsent = client.CreateAsync($"{root}/never", default);

        var unknown = await FailureOf(sent.AsTask());
        Assert.Equal((ZooKeeperErrorCode.ConnectionLoss, OperationOutcome.Unknown), (unknown.Code, unknown.Outcome));
        var notSent = await FailureOf(unsent.AsTask());
        Assert.Equal((ZooKeeperErrorCode.ConnectionLoss, OperationOutcome.NotSent), (notSent.Code, notSent.Outcome));

        proxy.Resume();
        proxy.Refuse = false;
        await client.SyncAsync(root);
        Assert.Equal(["applied"], (await client.GetChildrenAsync(root)).Names);
    }

    [Fact]
    public async Task A_read_that_left_is_asked_again_over_the_next_connection()
    {
        await using var proxy = TcpProxy.Start(Server.Port);
        await using var client = await ConnectAsync(proxy);
        var root = await CreateRootAsync(client);
        await using var session = new SessionReader(client);

        var before = proxy.BytesToServer;
        proxy.Stall(StallDirection.ToClient);
        var data = client.GetDataAsync(root).AsTask();
        var change = client.SetDataAsync(root, "x"u8.ToArray()).AsTask();
        var watched = client.GetChildrenAndWatchAsync(root).AsTask();
        var missing = client.ExistsAsync($"{root}/missing").AsTask();
        using var patience = new CancellationTokenSource();
        var cancelled = client.GetDataAsync(root, patience.Token).AsTask();

        // Four frames of these lengths: what has not left would be sent over the next connection and succeed.
        await UntilAsync(() => proxy.BytesToServer >= before + 84 + (4 * root.Length));
        await patience.CancelAsync();
        await proxy.CutAllAsync();
        await session.UntilAsync(SessionState.Suspended);
        proxy.Resume();

        Assert.Equal(OperationOutcome.Unknown, (await FailureOf(change)).Outcome);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.InRange((await data).Data.Length, 0, 1);
        Assert.Null(await missing);
        await client.CreateAsync($"{root}/child", default);
        Assert.Equal(Event(WatchedEventType.NodeChildrenChanged, root), await (await watched).Changed.WaitAsync(Patience, TimeProvider.System));
    }

    [Fact]
    public async Task A_read_is_asked_again_only_while_its_time_lasts()
    {
        await using var proxy = TcpProxy.Start(Server.Port);
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { ConnectString = proxy.Addr, UnsentTimeout = TimeSpan.FromMilliseconds(300) });
        var root = await CreateRootAsync(client);

        proxy.Stall(StallDirection.ToClient);
        var read = client.GetDataAsync(root).AsTask();
        proxy.Refuse = true;
        await proxy.CutAllAsync();

        Assert.Equal(ZooKeeperErrorCode.ConnectionLoss, (await FailureOf(read)).Code);
    }

    [Fact]
    public async Task Answers_move_the_deadline_of_the_session_and_a_lost_connection_fixes_it()
    {
        await using var proxy = TcpProxy.Start(Server.Port);
        await using var client = await ConnectAsync(proxy);
        await using var session = new SessionReader(client);
        var connected = await session.UntilAsync(SessionState.Connected);
        var timeout = (long)(client.Session.NegotiatedTimeout.TotalSeconds * TimeProvider.System.TimestampFrequency);
        Assert.False(connected.IsReconnected);

        var before = TimeProvider.System.GetTimestamp();
        await client.ExistsAsync("/");
        var after = TimeProvider.System.GetTimestamp();
        Assert.InRange(client.SessionDeadline, before + timeout, after + timeout);

        proxy.Refuse = true;
        await proxy.CutAllAsync();
        var suspended = await session.UntilAsync(SessionState.Suspended);
        Assert.Equal(client.SessionDeadline, suspended.Deadline);
        Assert.True(suspended.Deadline >= before + timeout);
        proxy.Refuse = false;
        var reconnected = await session.UntilAsync(SessionState.Connected);
        Assert.True(reconnected.IsReconnected);
        Assert.True(reconnected.Deadline > suspended.Deadline);
        var health = client.GetHealth();
        Assert.Equal((2, reconnected.SessionId), (health.Connections, health.Session.SessionId));
        Assert.InRange(health.TimeToDeadline!.Value, TimeSpan.Zero, client.Session.NegotiatedTimeout);
    }

    [Fact]
    public async Task A_request_made_while_disconnected_waits_for_the_connection()
    {
        await using var proxy = TcpProxy.Start(Server.Port);
        await using var client = await ConnectAsync(proxy);
        var root = await CreateRootAsync(client);
        await using var session = new SessionReader(client);
        proxy.Refuse = true;
        await proxy.CutAllAsync();
        await session.UntilAsync(SessionState.Suspended);

        var waiting = client.CreateAsync($"{root}/a", default);
        using var impatience = new CancellationTokenSource();
        var withdrawn = client.CreateAsync($"{root}/b", default, cancellationToken: impatience.Token);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => withdrawn.AsTask());
        proxy.Refuse = false;

        Assert.Equal($"{root}/a", await waiting.AsTask().WaitAsync(Patience, TimeProvider.System));
        Assert.Equal(["a"], (await client.GetChildrenAsync(root)).Names);
    }

    [Fact]
    public async Task Cancelling_a_request_in_flight_leaves_the_others_their_own_answers()
    {
        await using var proxy = TcpProxy.Start(Server.Port);
        await using var client = await ConnectAsync(proxy);
        var root = await CreateRootAsync(client);
        using var impatience = new CancellationTokenSource();
        proxy.Stall(StallDirection.ToClient);
        var sentBefore = proxy.BytesToServer;

        var first = client.SetDataAsync(root, "1"u8.ToArray());
        var cancelled = client.GetDataAsync(root, impatience.Token);
        var cancelledWatch = client.GetDataAndWatchAsync(root, impatience.Token);
        var cancelledSubscription = client.WatchAsync(root, WatchMode.Persistent, impatience.Token);
        var last = client.GetChildrenAsync(root);
        await UntilAsync(() => proxy.BytesToServer > sentBefore);
        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelledWatch.AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelledSubscription.AsTask());
        Assert.False(first.IsCompleted);
        proxy.Resume();
        Assert.Equal(1, (await first.AsTask().WaitAsync(Patience, TimeProvider.System)).Version);
        Assert.Empty((await last.AsTask().WaitAsync(Patience, TimeProvider.System)).Names);
        Assert.Equal("1"u8.ToArray(), (await client.GetDataAsync(root)).Data);
        var watched = await client.GetDataAndWatchAsync(root);
        await client.SetDataAsync(root, default);
        Assert.Equal(WatchedEventType.NodeDataChanged, (await watched.Changed.WaitAsync(Patience, TimeProvider.System)).Type);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
