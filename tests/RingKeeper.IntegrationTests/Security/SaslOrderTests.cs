using System.Text;
using RingKeeper.IntegrationTests.Client;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Security;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Security;

/// <summary>What a client with SASL sends, frame by frame, to a server that says what the test says.</summary>
public sealed class SaslOrderTests
{
    private const string Challenge = "realm=\"zk-sasl-md5\",nonce=\"n0nce\",charset=utf-8,algorithm=md5-sess";

    [Fact]
    public async Task Credentials_watches_and_requests_wait_until_the_server_has_proved_itself_on_each_connection()
    {
        using var server = new ScriptedServer();
        await using var client = ZooKeeper.ZooKeeperClient.Open(OptionsOf(server));
        var read = client.ExistsAndWatchAsync("/w").AsTask();
        using (var peer = await AcceptAsync(server))
        {
            Assert.Empty(await ReadTokenAsync(peer, xid: 1));
            await ReplyAsync(peer, xid: 1, Challenge);
            await ReplyAsync(peer, xid: 2, ProofFor(await ReadTokenAsync(peer, xid: 2)));

            // Only now the rest, in its order.
            Assert.Equal(OpCode.Auth, (await peer.ReadRequestAsync()).Type);
            await peer.ReplyAsync(SpecialXid.Auth, zxid: 0);
            var exists = await peer.ReadRequestAsync();
            Assert.Equal(OpCode.Exists, exists.Type);
            await peer.ReplyAsync(exists.Xid, zxid: 5, ZooKeeperErrorCode.NoNode);
            await read;
        }

        using var next = await AcceptAsync(server);
        Assert.Empty(await ReadTokenAsync(next, xid: 1));
        await ReplyAsync(next, xid: 1, Challenge);
        await ReplyAsync(next, xid: 2, ProofFor(await ReadTokenAsync(next, xid: 2)));
        Assert.Equal(OpCode.Auth, (await next.ReadRequestAsync()).Type);
        Assert.Equal(OpCode.SetWatches, (await next.ReadRequestAsync()).Type);
    }

    [Theory]
    [InlineData("rspauth=00000000000000000000000000000000", "it may be an impostor")]
    [InlineData("", "it may be an impostor")]
    [InlineData(null, "without proving that it knows the credentials")]
    public async Task A_server_that_does_not_prove_itself_gets_nothing_more_and_another_attempt_follows(string? proof, string why)
    {
        using var server = new ScriptedServer();
        var log = new EveryLog();
        await using var client = ZooKeeper.ZooKeeperClient.Open(OptionsOf(server) with { Logger = log });
        using var peer = await AcceptAsync(server);
        await ReadTokenAsync(peer, xid: 1);
        await ReplyAsync(peer, xid: 1, Challenge);
        await ReadTokenAsync(peer, xid: 2);

        await ReplyAsync(peer, xid: 2, proof);

        await Assert.ThrowsAsync<EndOfStreamException>(peer.ReadFrameAsync);
        await log.WhenAsync(why);
        using var next = await AcceptAsync(server);
        Assert.Equal(SessionState.Connecting, client.Session.State);
    }

    [Theory]
    [InlineData(ZooKeeperErrorCode.AuthFailed, SessionState.AuthFailed)]
    [InlineData(ZooKeeperErrorCode.SessionClosedRequireSaslAuth, SessionState.AuthFailed)]
    [InlineData(ZooKeeperErrorCode.Unimplemented, SessionState.Connecting)]
    public async Task Only_a_refusal_of_the_credentials_ends_the_client(ZooKeeperErrorCode answer, SessionState state)
    {
        using var server = new ScriptedServer();
        var log = new EveryLog();
        await using var client = ZooKeeper.ZooKeeperClient.Open(OptionsOf(server) with { Logger = log });
        using var peer = await AcceptAsync(server);
        await ReadTokenAsync(peer, xid: 1);

        await peer.ReplyAsync(1, zxid: 0, answer);

        await log.WhenAsync($"SASL DIGEST-MD5 with {server.ConnectString}");
        if (state == SessionState.Connecting)
        {
            using var next = await AcceptAsync(server);
            Assert.Equal(state, client.Session.State);
        }
        else
        {
            await using var sessions = new SessionReader(client);
            await sessions.UntilAsync(state);
        }
    }

    private static ZooKeeperClientOptions OptionsOf(ScriptedServer server) => new()
    {
        ConnectString = server.ConnectString,
        Sasl = new DigestMd5SaslOptions("bob", "bobs-secret"),
        DigestCredentials = "alice:alices-secret",
        MaxReconnectPause = TimeSpan.FromMilliseconds(50),
    };

    private static async Task<ScriptedServer.Peer> AcceptAsync(ScriptedServer server)
    {
        var peer = await server.AcceptAsync();
        await peer.ReadConnectAsync();
        await peer.GrantAsync(sessionId: 7);
        return peer;
    }

    private static async Task<byte[]> ReadTokenAsync(ScriptedServer.Peer peer, int xid)
    {
        var reader = new JuteReader(await peer.ReadFrameAsync());
        Assert.Equal(new RequestHeader(xid, OpCode.Sasl), RequestHeader.Read(ref reader));
        return reader.ReadBuffer()!;
    }

    private static Task ReplyAsync(ScriptedServer.Peer peer, int xid, string? token) => peer.WriteAsync(writer =>
    {
        new ReplyHeader(xid, 0, ZooKeeperErrorCode.Ok).Write(writer);
        if (token is null)
        {
            writer.WriteNullBuffer();
        }
        else
        {
            writer.WriteBuffer(Encoding.UTF8.GetBytes(token));
        }
    });

    private static string ProofFor(byte[] response)
    {
        var said = DigestMd5Challenge.Parse(response);
        var exchange = new DigestMd5.Exchange("bob", "zk-sasl-md5", "n0nce", said.Single("cnonce")!, "zookeeper/zk-sasl-md5", IsUtf8: true);
        Assert.Equal(DigestMd5.Response(exchange, "bobs-secret"), said.Single("response"));
        return $"rspauth={DigestMd5.ServerProof(exchange, "bobs-secret")}";
    }
}
