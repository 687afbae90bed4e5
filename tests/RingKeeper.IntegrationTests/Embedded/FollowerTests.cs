using Microsoft.Extensions.Time.Testing;
using RingKeeper.IntegrationTests.Conformance;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Embedded;

/// <summary>A follower as a client sees it: behind, cut off, back.</summary>
public sealed class FollowerTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private EmbeddedZooKeeperServer _server = null!;
    private EmbeddedFollower _follower = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedZooKeeperServer.StartAsync(new() { Listen = false, TimeProvider = _time });
        _follower = await _server.Faults.AddFollowerAsync();
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_follower_shows_what_the_leader_did_with_the_same_stats_and_events()
    {
        using var writer = await RawConnection.ConnectAsync(_server.Transport);
        using var reader = await RawConnection.ConnectAsync(_follower.Transport);
        await reader.CallAsync(1, OpCode.AddWatch, new PathModeRecord("/", 1).Write);
        await writer.CallAsync(1, OpCode.Auth, Request.Auth("digest", "u:p").Write);
        await writer.CallAsync(2, OpCode.Multi, Request.Multi(Request.Create("/a", [1], flags: 2), Request.Create("/e", flags: 1, acl: Acl.OpenToWorld)).Write);
        Assert.Equal("NodeCreated /a0000000000", (await reader.ReplyAsync()).Event);
        Assert.Equal("NodeCreated /e", (await reader.ReplyAsync()).Event);
        foreach (var path in new[] { "/", "/a0000000000", "/e" })
        {
            var there = await writer.CallAsync(3, OpCode.GetData, Request.GetData(path).Write);
            var here = await reader.CallAsync(3, OpCode.GetData, Request.GetData(path).Write);
            Assert.Equal(there.Body, here.Body);
            Assert.Equal(there.Zxid, here.Zxid);
        }

        await writer.CallAsync(9, OpCode.CloseSession);
        Assert.Equal("NodeDeleted /e", (await reader.ReplyAsync()).Event);
    }

    [Fact]
    public async Task A_write_over_a_follower_is_seen_there_by_its_reply_and_at_the_leader()
    {
        using var writer = await RawConnection.ConnectAsync(_follower.Transport);
        using var reader = await RawConnection.ConnectAsync(_server.Transport);
        await reader.CallAsync(1, OpCode.AddWatch, new PathModeRecord("/", 1).Write);
        Assert.Equal("/a", (await writer.CreateAsync("/a")).Text);
        Assert.Equal(ZooKeeperErrorCode.Ok, await ExistsAsync(writer, "/a"));
        Assert.Equal("NodeCreated /a", (await reader.ReplyAsync()).Event);
    }

    [Fact]
    public async Task A_slow_follower_reads_the_past_until_a_sync()
    {
        using var writer = await RawConnection.ConnectAsync(_server.Transport);
        using var reader = await RawConnection.ConnectAsync(_follower.Transport);
        await _follower.HoldAsync();
        var first = await writer.CreateAsync("/a");
        var second = await writer.CreateAsync("/b");
        Assert.Equal((ZooKeeperErrorCode.NoNode, ZooKeeperErrorCode.NoNode), (await ExistsAsync(reader, "/a"), await ExistsAsync(reader, "/b")));
        Assert.True((await reader.CallAsync(-2, OpCode.Ping)).Zxid < first.Zxid);

        await _follower.ApplyAsync(1);
        Assert.Equal((ZooKeeperErrorCode.Ok, ZooKeeperErrorCode.NoNode), (await ExistsAsync(reader, "/a"), await ExistsAsync(reader, "/b")));

        Assert.Equal(second.Zxid, (await reader.CallAsync(5, OpCode.Sync, Request.OfPath(OpCode.Sync, "/").Write)).Zxid);
        Assert.Equal(ZooKeeperErrorCode.Ok, await ExistsAsync(reader, "/b"));
        await writer.CreateAsync("/c");
        Assert.Equal(ZooKeeperErrorCode.NoNode, await ExistsAsync(reader, "/c"));
        await _follower.CatchUpAsync();
        Assert.Equal(ZooKeeperErrorCode.Ok, await ExistsAsync(reader, "/c"));
    }

    [Fact]
    public async Task A_follower_that_is_cut_off_answers_for_a_session_that_its_leader_has_ended()
    {
        using var watcher = await RawConnection.ConnectAsync(_server.Transport, 40_000);
        using var client = await RawConnection.ConnectAsync(_follower.Transport, 2_000);
        await client.CreateAsync("/e", flags: 1);
        await watcher.CallAsync(1, OpCode.Exists, Request.Exists("/e", watch: true).Write);
        await _follower.CutOffAsync();
        for (var i = 0; i < 6; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            Assert.Equal(ZooKeeperErrorCode.Ok, (await client.CallAsync(-2, OpCode.Ping)).Error);
        }

        Assert.Equal("NodeDeleted /e", (await watcher.ReplyAsync()).Event);
        Assert.Equal([watcher.Greeting.SessionId], _server.Sessions);
        Assert.Equal(ZooKeeperErrorCode.Ok, await ExistsAsync(client, "/e"));
        await client.SendAsync(7, OpCode.SetData, Request.SetData("/e").Write);
        await client.SendAsync(-2, OpCode.Ping);

        await _follower.RejoinAsync();

        Assert.Empty(await client.ReadToEndAsync());
        using var back = await RawConnection.ConnectAsync(_follower.Transport, 2_000, client.Greeting);
        Assert.Equal(0, back.Greeting.SessionId);
        using var fresh = await RawConnection.ConnectAsync(_follower.Transport);
        Assert.Equal(ZooKeeperErrorCode.NoNode, await ExistsAsync(fresh, "/e"));
    }

    [Fact]
    public async Task A_session_moves_between_follower_and_leader_and_has_one_connection()
    {
        using var atFollower = await RawConnection.ConnectAsync(_follower.Transport);
        await atFollower.CreateAsync("/e", flags: 1);
        using var atLeader = await RawConnection.ConnectAsync(_server.Transport, resume: atFollower.Greeting);
        Assert.Equal(atFollower.Greeting.SessionId, atLeader.Greeting.SessionId);
        Assert.Empty(await atFollower.ReadToEndAsync());
        Assert.Equal(ZooKeeperErrorCode.Ok, await ExistsAsync(atLeader, "/e"));
    }

    [Fact]
    public async Task A_follower_goes_along_with_a_rollback_and_a_restart()
    {
        using var early = await RawConnection.ConnectAsync(_server.Transport);
        var snapshot = await _server.Faults.TakeSnapshotAsync();
        await early.CreateAsync("/late");
        await _server.Faults.RestoreAsync(snapshot);
        await _server.StopAsync();
        await Assert.ThrowsAsync<IOException>(() => RawConnection.OpenAsync(_follower.Transport));
        await _server.RestartAsync();
        using var reader = await RawConnection.ConnectAsync(_follower.Transport);
        Assert.Equal(ZooKeeperErrorCode.NoNode, await ExistsAsync(reader, "/late"));
        await reader.CreateAsync("/new");
        Assert.Equal(ZooKeeperErrorCode.Ok, await ExistsAsync(reader, "/new"));
    }

    [Fact]
    public async Task A_follower_listens_when_its_server_does()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        var follower = await server.Faults.AddFollowerAsync();
        Assert.NotEqual(server.Port, follower.Port);
        await server.StopAsync();
        await server.RestartAsync();
        using var client = await RawConnection.ConnectAsync(follower.Port);
        Assert.Equal("/a", (await client.CreateAsync("/a")).Text);
        Assert.Throws<InvalidOperationException>(() => _follower.ConnectString);
    }

    private static async Task<ZooKeeperErrorCode> ExistsAsync(RawConnection connection, string path) =>
        (await connection.CallAsync(99, OpCode.Exists, Request.Exists(path).Write)).Error;
}
