using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>The client against servers that misbehave, byte for byte.</summary>
[Trait("Speed", "Slow")]
public sealed class OddServerTests
{
    [Fact]
    public async Task A_reply_with_another_xid_drops_the_connection_and_the_request_is_unknown()
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server);
        using var first = peer;
        await using var disposing = client;
        var read = client.GetDataAsync("/a");
        var request = await peer.ReadRequestAsync();

        await peer.ReplyAsync(request.Xid + 1, zxid: 5);

        Assert.Equal(OperationOutcome.Unknown, await OutcomeOf(read.AsTask()));
        using var second = await server.AcceptAsync();
        Assert.Equal(0, (await second.ReadConnectAsync()).LastZxidSeen);
    }

    [Fact]
    public async Task A_reply_over_the_frame_limit_drops_the_connection_and_is_not_asked_for_again()
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server);
        using var first = peer;
        await using var disposing = client;
        var read = client.GetChildrenAsync("/a");
        await peer.ReadRequestAsync();

        await peer.WriteLengthAsync(2_000_000);

        Assert.Equal(OperationOutcome.Unknown, await OutcomeOf(read.AsTask()));
        using var second = await server.AcceptAsync();
        await second.ReadConnectAsync();
        await second.GrantAsync(sessionId: 7);
        var sync = client.SyncAsync("/");
        var next = await second.ReadRequestAsync();
        Assert.Equal(OpCode.Sync, next.Type);
        await second.ReplyAsync(next.Xid, zxid: 6);
        await sync;
    }

    [Fact]
    public async Task A_reply_that_ends_early_drops_the_connection_and_the_request_is_unknown()
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server);
        using var first = peer;
        await using var disposing = client;
        var read = client.GetDataAsync("/a");
        var request = await peer.ReadRequestAsync();

        await peer.ReplyAsync(request.Xid, zxid: 5);

        Assert.Equal(OperationOutcome.Unknown, await OutcomeOf(read.AsTask()));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("")]
    [InlineData("/a/")]
    public async Task An_event_of_an_impossible_path_costs_the_connection_and_not_the_client(string path)
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server);
        using var first = peer;
        await using var disposing = client;
        await using var session = new SessionReader(client);

        await peer.WriteAsync(writer =>
        {
            new ReplyHeader(SpecialXid.Notification, -1, ZooKeeperErrorCode.Ok).Write(writer);
            new WatcherEventRecord(3, 3, path).Write(writer);
        });

        await session.UntilAsync(SessionState.Suspended);
        using var second = await server.AcceptAsync();
        Assert.Equal(7, (await second.ReadConnectAsync()).SessionId);
        await second.GrantAsync(sessionId: 7);
        await session.UntilAsync(SessionState.Connected);
    }

    [Fact]
    public async Task Another_session_than_the_one_asked_for_is_an_expiry_and_a_new_session()
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server);
        await using var disposing = client;
        await using var session = new SessionReader(client);
        peer.Dispose();
        using var second = await server.AcceptAsync();
        Assert.Equal(7, (await second.ReadConnectAsync()).SessionId);

        await second.GrantAsync(sessionId: 8);

        Assert.Equal(7, (await session.UntilAsync(SessionState.Lost)).SessionId);
        var after = await session.UntilAsync(SessionState.Connected);
        Assert.Equal((8L, 2), (after.SessionId, after.Epoch));
    }

    [Fact]
    public async Task A_refused_session_is_followed_by_a_request_for_a_new_one()
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server);
        await using var disposing = client;
        await using var session = new SessionReader(client);
        peer.Dispose();
        using var second = await server.AcceptAsync();
        Assert.Equal(7, (await second.ReadConnectAsync()).SessionId);

        await second.GrantAsync(sessionId: 0, timeoutMs: 0);

        await session.UntilAsync(SessionState.Lost);
        using var third = await server.AcceptAsync();
        Assert.Equal(0, (await third.ReadConnectAsync()).SessionId);
        await third.GrantAsync(sessionId: 9);
        Assert.Equal(2, (await session.UntilAsync(SessionState.Connected)).Epoch);
    }

    [Fact]
    public async Task One_silent_close_between_refusals_does_not_make_the_client_forget_what_it_saw()
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server, options => options with { SessionTimeout = TimeSpan.FromMilliseconds(900) });
        await using var disposing = client;
        await using var session = new SessionReader(client);
        var sync = client.SyncAsync("/");
        await peer.ReplyAsync((await peer.ReadRequestAsync()).Xid, zxid: 42);
        await sync;
        peer.Dispose();
        (await server.AcceptAsync()).Dispose();
        server.Refuse();
        await session.UntilAsync(SessionState.Lost);

        server.Listen();

        using var second = await server.AcceptAsync();
        var request = await second.ReadConnectAsync();
        Assert.Equal((0, 42), (request.SessionId, request.LastZxidSeen));
    }

    [Fact]
    public async Task A_request_beyond_the_limit_of_waiting_ones_fails_at_once_as_not_sent()
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server, options => options with { MaxPendingRequests = 2 });
        using var first = peer;
        await using var disposing = client;
        var read = client.GetDataAsync("/a");
        var sync = client.SyncAsync("/");

        var failure = await Assert.ThrowsAsync<ZooKeeperException>(() => client.DeleteAsync("/b").AsTask());

        Assert.Equal((ZooKeeperErrorCode.ThrottledOperation, OperationOutcome.NotSent), (failure.Code, failure.Outcome));
        Assert.Contains("MaxPendingRequests", failure.Message, StringComparison.Ordinal);
        await peer.ReplyAsync((await peer.ReadRequestAsync()).Xid, zxid: 5, ZooKeeperErrorCode.NoNode);
        await Assert.ThrowsAsync<ZooKeeperException>(() => read.AsTask());
        var again = client.DeleteAsync("/b");
        await peer.ReplyAsync((await peer.ReadRequestAsync()).Xid, zxid: 6);
        await peer.ReplyAsync((await peer.ReadRequestAsync()).Xid, zxid: 7);
        await sync;
        await again;
    }

    [Fact]
    public async Task A_failed_multi_or_credential_names_what_it_was()
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server);
        await using var disposing = client;
        var multi = client.MultiAsync([ZooKeeperOp.Delete("/a"), ZooKeeperOp.Delete("/b")]);
        var auth = client.AddAuthAsync("digest", "bob:secret"u8.ToArray());
        await peer.ReadRequestAsync();
        await peer.ReadRequestAsync();

        peer.Dispose();

        Assert.Contains("a Multi of 2, the first on /a", (await Assert.ThrowsAsync<ZooKeeperException>(() => multi.AsTask())).Message, StringComparison.Ordinal);
        var failure = await Assert.ThrowsAsync<ZooKeeperException>(() => auth.AsTask());
        Assert.Contains("the credentials of scheme digest", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_replies_to_requests_move_the_last_zxid_seen()
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server);
        await using var disposing = client;
        var sync = client.SyncAsync("/");
        var request = await peer.ReadRequestAsync();
        await peer.ReplyAsync(SpecialXid.Ping, zxid: 100);
        await peer.WriteAsync(writer =>
        {
            new ReplyHeader(SpecialXid.Notification, 90, ZooKeeperErrorCode.Ok).Write(writer);
            new WatcherEventRecord(3, 3, "/a").Write(writer);
        });
        await peer.ReplyAsync(request.Xid, zxid: 42);
        await sync;

        peer.Dispose();

        using var second = await server.AcceptAsync();
        Assert.Equal(42, (await second.ReadConnectAsync()).LastZxidSeen);
    }

    [Fact]
    public async Task A_one_shot_read_that_relied_on_a_refused_persistent_watch_is_sent_again_with_its_own()
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server);
        using var first = peer;
        await using var disposing = client;

        // What the server is not yet known to know is written with nothing behind it.
        await using var known = await SubscribeAsync(client, peer, "/known");
        var subscribing = client.WatchAsync("/a", WatchMode.Persistent);
        var reading = client.ExistsAndWatchAsync("/a");
        var addWatch = await peer.ReadRequestAsync();
        var exists = await peer.ReadRequestAsync();
        Assert.Equal((OpCode.AddWatch, OpCode.Exists), (addWatch.Type, exists.Type));

        await peer.ReplyAsync(addWatch.Xid, zxid: 5, ZooKeeperErrorCode.MarshallingError);
        await peer.ReplyAsync(exists.Xid, zxid: 5, ZooKeeperErrorCode.NoNode);

        var again = await peer.ReadRequestAsync();
        Assert.Equal(OpCode.Exists, again.Type);
        await peer.ReplyAsync(again.Xid, zxid: 5, ZooKeeperErrorCode.NoNode);
        Assert.Null((await reading).Value);
        var refusal = await Assert.ThrowsAsync<ZooKeeperException>(() => subscribing.AsTask());
        Assert.Equal(ZooKeeperErrorCode.MarshallingError, refusal.Code);
    }

    [Fact]
    public async Task Watches_that_the_server_refuses_to_set_again_are_told_so_and_the_connection_goes_on()
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server);
        await using var disposing = client;
        await using var subscription = await SubscribeAsync(client, peer);
        await using var events = new EventReader(subscription);
        var reading = client.GetChildrenAndWatchAsync("/b");
        var read = await peer.ReadRequestAsync();
        await peer.WriteAsync(writer =>
        {
            new ReplyHeader(read.Xid, 5, ZooKeeperErrorCode.Ok).Write(writer);
            writer.WriteStrings([]);
            StatRecord.Write(writer, default);
        });
        var (_, changed) = await reading;
        peer.Dispose();
        using var second = await server.AcceptAsync();
        await second.ReadConnectAsync();
        await second.GrantAsync(sessionId: 7);

        Assert.Equal(OpCode.SetWatches2, (await second.ReadRequestAsync()).Type);
        await second.ReplyAsync(SpecialXid.SetWatches, zxid: 5, ZooKeeperErrorCode.NoAuth);

        Assert.Equal(new(WatchedEventType.Gap, "/b"), await changed.WaitAsync(ClientSuite.Patience, TimeProvider.System));
        var refusal = await Assert.ThrowsAsync<ZooKeeperException>(() => events.NextAsync());
        Assert.Equal((ZooKeeperErrorCode.NoAuth, "/a"), (refusal.Code, refusal.Path));
        var sync = client.SyncAsync("/");
        var next = await second.ReadRequestAsync();
        Assert.Equal(OpCode.Sync, next.Type);
        await second.ReplyAsync(next.Xid, zxid: 6);
        await sync;
    }

    [Fact]
    public async Task A_read_only_server_that_opens_no_session_is_diagnosed()
    {
        using var server = new ScriptedServer();
        await using var client = ZooKeeper.ZooKeeperClient.Open(OptionsFor(server) with { AllowReadOnly = true });
        using var peer = await server.AcceptAsync();
        Assert.True((await peer.ReadConnectAsync()).ReadOnly);

        // As Apache ZooKeeper 3.8 does: a reply header where a connect response is due.
        await peer.ReplyAsync(0, zxid: 0, ZooKeeperErrorCode.NotReadOnly);

        using var second = await server.AcceptAsync();
        Assert.Equal(ConnectionTrouble.SessionsRefused, client.Diagnosis.Trouble);
        Assert.Contains("localSessionsEnabled=true", client.Diagnosis.Message, StringComparison.Ordinal);
        Assert.Contains("localSessionsEnabled=true", Assert.Single(client.Diagnosis.Servers).Value, StringComparison.Ordinal);
        await second.ReadConnectAsync();
        await second.GrantAsync(sessionId: 7);
        await client.WaitForSessionAsync(CancellationToken.None);
        Assert.Equal(ConnectionTrouble.None, client.Diagnosis.Trouble);
    }

    [Fact]
    public async Task Servers_that_know_only_an_older_state_are_diagnosed()
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server);
        await using var disposing = client;
        var sync = client.SyncAsync("/");
        await peer.ReplyAsync((await peer.ReadRequestAsync()).Xid, zxid: 42);
        await sync;
        peer.Dispose();

        for (var i = 0; i < 2; i++)
        {
            using var silent = await server.AcceptAsync();
            await silent.ReadConnectAsync();
        }

        using var next = await server.AcceptAsync();
        Assert.Equal(ConnectionTrouble.ServersBehind, client.Diagnosis.Trouble);
        Assert.Contains("zxids before 0x2a", client.Diagnosis.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("what is this\n", ZooKeeperErrorCode.MarshallingError, "is no answer of ZooKeeper")]
    [InlineData("", ZooKeeperErrorCode.MarshallingError, "its client port")]
    [InlineData("srvr is not executed because it is not in the whitelist.\n", ZooKeeperErrorCode.Unimplemented, "4lw.commands.whitelist")]
    [InlineData("This ZooKeeper instance is not currently serving requests\n", ZooKeeperErrorCode.ConnectionLoss, "no quorum")]
    public async Task A_server_that_tells_nothing_of_itself_is_told_apart(string answer, ZooKeeperErrorCode code, string words)
    {
        using var server = new ScriptedServer();
        var asking = ZooKeeperServer.GetStatisticsAsync(server.ConnectString);
        using (var peer = await server.AcceptAsync())
        {
            await peer.WriteTextAsync(answer);
        }

        var failure = await Assert.ThrowsAsync<ZooKeeperException>(() => asking);

        Assert.Equal(code, failure.Code);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_not_alive()
    {
        using var server = new ScriptedServer();
        server.Refuse();

        Assert.False(await ZooKeeperServer.IsAliveAsync(server.ConnectString));
        Assert.Equal(ZooKeeperErrorCode.ConnectionLoss, (await Assert.ThrowsAsync<ZooKeeperException>(() => ZooKeeperServer.GetModeAsync(server.ConnectString))).Code);
    }

    [Fact]
    public async Task The_watch_of_a_path_is_removed_with_its_last_subscription()
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server);
        using var first = peer;
        await using var disposing = client;
        var one = await SubscribeAsync(client, peer);
        var two = await SubscribeAsync(client, peer);

        await one.DisposeAsync();
        var sync = client.SyncAsync("/");
        var request = await peer.ReadRequestAsync();
        Assert.Equal(OpCode.Sync, request.Type);
        await peer.ReplyAsync(request.Xid, zxid: 5);
        await sync;
        await two.DisposeAsync();
        await two.DisposeAsync();

        request = await peer.ReadRequestAsync();
        Assert.Equal(OpCode.RemoveWatches, request.Type);
        await peer.ReplyAsync(request.Xid, zxid: 5, ZooKeeperErrorCode.NoWatcher);
        var close = client.DisposeAsync();
        Assert.Equal(OpCode.CloseSession, (await peer.ReadRequestAsync()).Type);
        await close;
    }

    [Fact]
    public async Task A_client_that_gives_up_during_the_handshake_closes_the_session_it_is_given()
    {
        using var server = new ScriptedServer();
        using var impatience = new CancellationTokenSource();
        var connecting = ZooKeeper.ZooKeeperClient.ConnectAsync(OptionsFor(server), impatience.Token);
        using var peer = await server.AcceptAsync();
        await peer.ReadConnectAsync();

        await impatience.CancelAsync();
        await peer.GrantAsync(sessionId: 7);

        Assert.Equal(OpCode.CloseSession, (await peer.ReadRequestAsync()).Type);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    private static ZooKeeperClientOptions OptionsFor(ScriptedServer server) =>
        new() { ConnectString = server.ConnectString, SessionTimeout = TimeSpan.FromSeconds(3), MaxReconnectPause = TimeSpan.FromMilliseconds(20) };

    private static async Task<(ZooKeeper.ZooKeeperClient Client, ScriptedServer.Peer Peer)> ConnectAsync(
        ScriptedServer server, Func<ZooKeeperClientOptions, ZooKeeperClientOptions>? adapt = null)
    {
        var options = OptionsFor(server);
        var connecting = ZooKeeper.ZooKeeperClient.ConnectAsync(adapt?.Invoke(options) ?? options);
        var peer = await server.AcceptAsync();
        var request = await peer.ReadConnectAsync();
        Assert.Equal(0, request.SessionId);
        await peer.GrantAsync(sessionId: 7, request.TimeoutMs);
        return (await connecting, peer);
    }

    private static async Task<WatchSubscription> SubscribeAsync(ZooKeeper.ZooKeeperClient client, ScriptedServer.Peer peer, string path = "/a")
    {
        var subscribing = client.WatchAsync(path, WatchMode.Persistent);
        var request = await peer.ReadRequestAsync();
        Assert.Equal(OpCode.AddWatch, request.Type);
        await peer.ReplyAsync(request.Xid, zxid: 5);
        return await subscribing;
    }

    private static async Task<OperationOutcome> OutcomeOf(Task task) =>
        (await Assert.ThrowsAsync<ZooKeeperException>(() => task.WaitAsync(ClientSuite.Patience, TimeProvider.System))).Outcome;
}
