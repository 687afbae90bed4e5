using RingKeeper.IntegrationTests.Client;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Recipes;

/// <summary>The recipes against answers that a real server gives in a rare moment only.</summary>
public sealed class OddServerRecipeTests
{
    [Fact]
    public async Task A_protected_node_that_went_with_its_session_while_it_was_looked_for_is_not_handed_out()
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server);
        await using var disposing = client;
        var creating = client.CreateProtectedAsync("/p/x-", default).AsTask();
        var name = NameOf(await peer.ReadFrameAsync());
        peer.Dispose();
        using var second = await server.AcceptAsync();
        await second.ReadConnectAsync();
        await second.GrantAsync(sessionId: 8);

        await second.ReplyAsync(await ReadAsync(second, OpCode.Sync), zxid: 6);
        var list = await ReadAsync(second, OpCode.GetChildren2);
        await second.WriteAsync(writer =>
        {
            new ReplyHeader(list, 6, ZooKeeperErrorCode.Ok).Write(writer);
            writer.WriteStrings([$"{name}0000000000"]);
            StatRecord.Write(writer, default);
        });
        await second.ReplyAsync(await ReadAsync(second, OpCode.Exists), zxid: 7, ZooKeeperErrorCode.NoNode);

        var failure = await Assert.ThrowsAsync<ZooKeeperException>(() => creating.WaitAsync(ClientSuite.Patience, TimeProvider.System));
        Assert.Equal((ZooKeeperErrorCode.SessionExpired, OperationOutcome.NotSent), (failure.Code, failure.Outcome));
    }

    [Fact]
    public async Task A_cache_whose_watch_is_refused_after_a_reconnect_ends_its_changes_and_can_be_disposed_of()
    {
        using var server = new ScriptedServer();
        var (client, peer) = await ConnectAsync(server);
        await using var disposing = client;
        var starting = NodeCache.StartAsync(client, "/a");
        await peer.ReplyAsync(await ReadAsync(peer, OpCode.AddWatch), zxid: 5);
        await using var cache = await starting;
        await peer.ReplyAsync(await ReadAsync(peer, OpCode.GetChildren2), zxid: 5, ZooKeeperErrorCode.NoNode);
        await cache.WaitForInitialAsync();
        peer.Dispose();
        using var second = await server.AcceptAsync();
        await second.ReadConnectAsync();
        await second.GrantAsync(sessionId: 7);
        await ReadAsync(second, OpCode.SetWatches2);
        await second.ReplyAsync(SpecialXid.SetWatches, zxid: 5, ZooKeeperErrorCode.NoAuth);

        using var patience = new CancellationTokenSource(ClientSuite.Patience);
        await foreach (var change in cache.ReadChangesAsync(patience.Token))
        {
            Assert.Fail($"{change} was told.");
        }

        Assert.False(cache.Freshness.IsInSync);
    }

    private static async Task<(ZooKeeperClient Client, ScriptedServer.Peer Peer)> ConnectAsync(ScriptedServer server)
    {
        var connecting = ZooKeeperClient.ConnectAsync(
            new ZooKeeperClientOptions { ConnectString = server.ConnectString, SessionTimeout = TimeSpan.FromSeconds(3), MaxReconnectPause = TimeSpan.FromMilliseconds(20) });
        var peer = await server.AcceptAsync();
        await peer.ReadConnectAsync();
        await peer.GrantAsync(sessionId: 7);
        return (await connecting, peer);
    }

    private static async Task<int> ReadAsync(ScriptedServer.Peer peer, OpCode expected)
    {
        var request = await peer.ReadRequestAsync();
        Assert.Equal(expected, request.Type);
        return request.Xid;
    }

    // What stands before the number that the server adds.
    private static string NameOf(byte[] createFrame)
    {
        var reader = new JuteReader(createFrame);
        reader.ReadInt32();
        reader.ReadInt32();
        return reader.ReadString()!["/p/".Length..];
    }
}
