using System.Net;
using System.Net.Sockets;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>What callers, transports and old servers may do that a client has to bear.</summary>
public sealed class SharpEdgeTests
{
    [Fact]
    public async Task A_value_task_that_is_awaited_again_says_so_and_nobody_gets_the_answer_of_another()
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server);
        using var first = peer;
        await using var disposing = client;
        using var impatience = new CancellationTokenSource();
        var given = client.GetDataAsync("/given-up", impatience.Token);
        var unanswered = await peer.ReadRequestAsync();
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await given);

#pragma warning disable CA2012 // That this is refused is what is tested.
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await given);
#pragma warning restore CA2012

        var read = client.GetDataAsync("/other").AsTask();
        var request = await peer.ReadRequestAsync();
        await AnswerAsync(peer, unanswered, "of the one given up");
        await AnswerAsync(peer, request, "of the other");
        Assert.Equal("of the other"u8.ToArray(), (await read.WaitAsync(ClientSuite.Patience, TimeProvider.System)).Data);
        Assert.Equal(1, client.Session.Connection);
    }

    [Fact]
    public async Task A_create_that_was_done_is_not_called_unsent_when_its_description_fails()
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server);
        await using var disposing = client;
        var creating = client.CreateWithStatAsync("/a", default).AsTask();
        var request = await peer.ReadRequestAsync();
        Assert.Equal(OpCode.Create2, request.Type);
        await peer.ReplyAsync(request.Xid, zxid: -1, ZooKeeperErrorCode.Unimplemented);
        using var second = await server.AcceptAsync();
        await second.ReadConnectAsync();
        await second.GrantAsync(sessionId: 7, timeoutMs: 60_000);
        var create = await second.ReadRequestAsync();
        Assert.Equal(OpCode.Create, create.Type);
        await second.WriteAsync(writer =>
        {
            new ReplyHeader(create.Xid, 5, ZooKeeperErrorCode.Ok).Write(writer);
            writer.WriteString("/a");
        });
        Assert.Equal(OpCode.Exists, (await second.ReadRequestAsync()).Type);
        second.Dispose();
        using var third = await server.AcceptAsync();
        await third.ReadConnectAsync();

        await third.GrantAsync(sessionId: 0, timeoutMs: 0);

        var failure = await Assert.ThrowsAsync<ZooKeeperException>(() => creating.WaitAsync(ClientSuite.Patience, TimeProvider.System));
        Assert.Equal((ZooKeeperErrorCode.SessionExpired, OperationOutcome.Unknown), (failure.Code, failure.Outcome));
        Assert.Contains("/a was created", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_between_two_events_of_an_emulated_watch_is_told_by_a_gap()
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server);
        await using var disposing = client;
        var recursive = client.WatchAsync("/a", WatchMode.PersistentRecursive).AsTask();
        await peer.ReplyAsync((await peer.ReadRequestAsync()).Xid, zxid: -1, ZooKeeperErrorCode.Unimplemented);
        await Assert.ThrowsAsync<ZooKeeperServerTooOldException>(() => recursive);
        using var old = await server.AcceptAsync();
        await old.ReadConnectAsync();
        await old.GrantAsync(sessionId: 7, timeoutMs: 60_000);
        var sync = client.SyncAsync("/");
        await old.ReplyAsync((await old.ReadRequestAsync()).Xid, zxid: 5);
        await sync;
        var subscribing = client.WatchAsync("/a", WatchMode.Persistent).AsTask();
        await TellStatAsync(old, OpCode.Exists, version: 5, cversion: 0);
        await TellStatAsync(old, OpCode.GetChildren2, version: 5, cversion: 0);
        await using var subscription = await subscribing.WaitAsync(ClientSuite.Patience, TimeProvider.System);
        await using var events = new EventReader(subscription);

        // The data changes twice while the children are asked for again, and once more before the watch of the data is set again.
        await NotifyAsync(old, WatchedEventType.NodeChildrenChanged);
        await TellStatAsync(old, OpCode.GetChildren2, version: 7, cversion: 1, before: () => NotifyAsync(old, WatchedEventType.NodeDataChanged));
        await TellStatAsync(old, OpCode.Exists, version: 8, cversion: 1);

        Assert.Equal(
            [WatchedEventType.NodeChildrenChanged, WatchedEventType.NodeDataChanged, WatchedEventType.Gap], (await events.NextAsync(3)).Select(change => change.Type));
    }

    [Fact]
    public async Task A_transport_that_fails_in_a_way_of_its_own_costs_an_attempt_and_not_the_client()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        var transport = new FailingTransport(server.Port);
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(new ZooKeeperClientOptions
        {
            ConnectString = "anything:1",
            Transport = transport,
            MaxReconnectPause = TimeSpan.FromMilliseconds(20),
            StartTimeout = ClientSuite.Patience,
        });

        Assert.NotNull(await client.ExistsAsync("/"));
        await server.DropAllConnectionsAsync();
        Assert.NotNull(await client.ExistsAsync("/"));
        Assert.Equal(1, client.Session.Epoch);
        var failure = await Assert.ThrowsAsync<ZooKeeperException>(() => ZooKeeperServer.GetModeAsync("anything:1", new FailingTransport(server.Port)));
        Assert.Equal(ZooKeeperErrorCode.ConnectionLoss, failure.Code);
    }

    [Fact]
    public async Task Nothing_of_the_context_in_which_a_client_was_opened_lives_on_in_it()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        var ambient = new AsyncLocal<string?> { Value = "of the one who opened it" };
        var seen = "nothing yet";
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(
            new ZooKeeperClientOptions { ConnectString = "anything:1", Transport = new ObservedTransport(server.Transport, () => seen = ambient.Value) });

        Assert.Null(seen);
        Assert.Equal("of the one who opened it", ambient.Value);
    }

    private static async Task<(ZooKeeper.ZooKeeperClient Client, ScriptedServer.Peer Peer)> ConnectAsync(ScriptedServer server)
    {
        var connecting = ZooKeeper.ZooKeeperClient.ConnectAsync(
            new ZooKeeperClientOptions { ConnectString = server.ConnectString, SessionTimeout = TimeSpan.FromSeconds(60), MaxReconnectPause = TimeSpan.FromMilliseconds(20) });
        var peer = await server.AcceptAsync();
        await peer.ReadConnectAsync();
        await peer.GrantAsync(sessionId: 7, timeoutMs: 60_000);
        return (await connecting, peer);
    }

    private static Task AnswerAsync(ScriptedServer.Peer peer, RequestHeader request, string data) => peer.WriteAsync(writer =>
    {
        new ReplyHeader(request.Xid, 5, ZooKeeperErrorCode.Ok).Write(writer);
        writer.WriteBuffer(System.Text.Encoding.UTF8.GetBytes(data));
        StatRecord.Write(writer, default);
    });

    private static Task NotifyAsync(ScriptedServer.Peer peer, WatchedEventType type) => peer.WriteAsync(writer =>
    {
        new ReplyHeader(SpecialXid.Notification, -1, ZooKeeperErrorCode.Ok).Write(writer);
        new WatcherEventRecord((int)type, 3, "/a").Write(writer);
    });

    private static async Task TellStatAsync(ScriptedServer.Peer peer, OpCode type, int version, int cversion, Func<Task>? before = null)
    {
        var request = await peer.ReadRequestAsync();
        Assert.Equal(type, request.Type);
        await (before?.Invoke() ?? Task.CompletedTask);
        await peer.WriteAsync(writer =>
        {
            new ReplyHeader(request.Xid, 5, ZooKeeperErrorCode.Ok).Write(writer);
            if (type == OpCode.GetChildren2)
            {
                writer.WriteStrings([]);
            }

            StatRecord.Write(writer, default(Stat) with { Czxid = 1, Version = version, Cversion = cversion });
        });
    }

    private sealed class ObservedTransport(IZooKeeperTransport inner, Action connecting) : IZooKeeperTransport
    {
        public ValueTask<Stream> ConnectAsync(DnsEndPoint server, CancellationToken cancellationToken)
        {
            connecting();
            return inner.ConnectAsync(server, cancellationToken);
        }
    }

    /// <summary>Fails once as a library may whose exceptions are its own; its first stream says by its disposal that the other side has closed.</summary>
    private sealed class FailingTransport(int port) : IZooKeeperTransport
    {
        private int _attempts;

        public async ValueTask<Stream> ConnectAsync(DnsEndPoint server, CancellationToken cancellationToken)
        {
            if (++_attempts == 1)
            {
                throw new InvalidOperationException("the tunnel is not dug yet");
            }

            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return new ClosingStream(socket);
        }

        private sealed class ClosingStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
        {
            public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
                await base.ReadAsync(buffer, cancellationToken) is > 0 and var count ? count : throw new ObjectDisposedException("the tunnel");
        }
    }
}
