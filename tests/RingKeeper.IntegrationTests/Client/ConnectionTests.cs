using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Session;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Client;

/// <summary>One connection by itself, with the test in the place of the session.</summary>
public sealed class ConnectionTests
{
    [Fact]
    public async Task A_dropped_connection_takes_no_request_any_more()
    {
        using var server = new ScriptedServer();
        var owner = new Owner();
        using var connection = await ConnectAsync(server, owner, TimeProvider.System);

        connection.Drop("the test wants it");
        await connection.RunAsync();

        Assert.Equal(0, owner.Fills);
        Assert.Equal("the test wants it", connection.DropReason);
    }

    [Fact]
    public async Task A_server_that_sends_events_but_answers_no_ping_is_given_up()
    {
        using var server = new ScriptedServer();
        var time = new FakeTimeProvider();
        var owner = new Owner();
        using var connection = await ConnectAsync(server, owner, time);
        using var peer = await server.AcceptAsync();
        var running = connection.RunAsync();

        // Of the 3 s, the ping is due after 1 or, as this clock moves in steps, at 1.8; its answer 2 later.
        for (var i = 0; i < 3; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(900));
            await peer.WriteAsync(writer => new ReplyHeader(SpecialXid.Notification, -1, ZooKeeperErrorCode.Ok).Write(writer));
            await owner.Frames.Reader.ReadAsync().AsTask().WaitAsync(ClientSuite.Patience, TimeProvider.System);
        }

        Assert.False(running.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1200));

        await running.WaitAsync(ClientSuite.Patience, TimeProvider.System);
        Assert.Contains("no ping was answered", connection.DropReason, StringComparison.Ordinal);
    }

    private static async Task<Connection> ConnectAsync(ScriptedServer server, Owner owner, TimeProvider time)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(server.ConnectString));
        var stream = new NetworkStream(socket, ownsSocket: true);
        return new Connection(stream, new FrameReader(stream, 1024), owner, new ServerAddress("a", 1), new SessionTiming(TimeSpan.FromSeconds(3)), time);
    }

    private sealed class Owner : IConnectionOwner
    {
        public int Fills { get; private set; }

        public Channel<int> Frames { get; } = Channel.CreateUnbounded<int>();

        public void Fill(Connection connection, FrameWriter batch, int enough) => Fills++;

        public void OnFrame(Connection connection, ReplyHeader header, ref JuteReader body) => Frames.Writer.TryWrite(header.Xid);
    }
}
