using RingKeeper.IntegrationTests.Client;
using RingKeeper.IntegrationTests.Conformance;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Embedded;

/// <summary>Each scripted fault does what it says, on the wire and nowhere else. No socket is opened.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private EmbeddedZooKeeperServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await EmbeddedZooKeeperServer.StartAsync(new() { Listen = false });

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_lost_reply_is_of_a_request_that_was_carried_out()
    {
        using var client = await ConnectAsync();
        using var other = await ConnectAsync();
        var fault = _server.Faults.LoseReply(request => request is { IsWrite: true, Path: "/a" });
        Assert.Equal(ZooKeeperErrorCode.Ok, (await client.CreateAsync("/b")).Error);

        await client.SendAsync(7, OpCode.Create, Request.Create("/a").Write);

        Assert.Empty(await client.ReadToEndAsync());
        Assert.Equal(new ServerRequest(client.Greeting.SessionId, "Create", "/a", IsWrite: true), await fault.Struck);
        Assert.Equal(ZooKeeperErrorCode.Ok, await ExistsAsync(other, "/a"));
        Assert.Equal(ZooKeeperErrorCode.NodeExists, (await other.CreateAsync("/a")).Error);
        Assert.Single(_server.Faults.Struck);
    }

    [Fact]
    public async Task A_lost_request_is_not_carried_out_and_nothing_behind_it_is()
    {
        using var client = await ConnectAsync();
        using var other = await ConnectAsync();
        _server.Faults.LoseRequest(request => request.Path == "/a");
        await client.SendAsync(1, OpCode.Create, Request.Create("/a").Write);
        await client.SendAsync(2, OpCode.Create, Request.Create("/b").Write);
        Assert.Empty(await client.ReadToEndAsync());
        Assert.Equal((ZooKeeperErrorCode.NoNode, ZooKeeperErrorCode.NoNode), (await ExistsAsync(other, "/a"), await ExistsAsync(other, "/b")));
    }

    [Fact]
    public async Task A_cut_behind_a_reply_lets_the_reply_through()
    {
        using var client = await ConnectAsync();
        _server.Faults.CutBehindReply();
        Assert.Equal(ZooKeeperErrorCode.Ok, (await client.CallAsync(-2, OpCode.Ping)).Error);
        Assert.Equal("/a", (await client.CreateAsync("/a")).Text);
        Assert.Empty(await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_fault_strikes_once_and_not_when_called_off()
    {
        using var client = await ConnectAsync();
        var calledOff = _server.Faults.LoseReply();
        Assert.True(calledOff.CallOff());
        Assert.Equal(ZooKeeperErrorCode.Ok, (await client.CreateAsync("/a")).Error);
        var fault = _server.Faults.CutBehindReply();
        await client.CreateAsync("/b");
        Assert.False(fault.CallOff());
        using var again = await ConnectAsync(client.Greeting);
        Assert.Equal(ZooKeeperErrorCode.Ok, (await again.CreateAsync("/c")).Error);
    }

    [Fact]
    public async Task Held_replies_and_events_come_in_order_once_released_and_requests_are_carried_out_meanwhile()
    {
        using var client = await ConnectAsync();
        using var other = await ConnectAsync();
        await client.CallAsync(1, OpCode.AddWatch, new PathModeRecord("/", 1).Write);
        var held = await _server.Faults.HoldRepliesAsync(client.Greeting.SessionId);
        await client.SendAsync(2, OpCode.Create, Request.Create("/a").Write);
        while (await ExistsAsync(other, "/a") != ZooKeeperErrorCode.Ok)
        {
            // The two connections are independent: the create may still be on its way.
            await Task.Yield();
        }

        await other.CreateAsync("/b");
        var early = client.ReplyAsync();
        Assert.False(early.IsCompleted);
        await held.ReleaseAsync();

        Assert.Equal("NodeCreated /a", (await early).Event);
        Assert.Equal(2, (await client.ReplyAsync()).Xid);
        Assert.Equal("NodeCreated /b", (await client.ReplyAsync()).Event);
    }

    [Fact]
    public async Task A_session_that_moved_hears_of_it_at_its_next_request_which_is_not_carried_out()
    {
        using var client = await ConnectAsync();
        using var other = await ConnectAsync();
        await client.CallAsync(1, OpCode.AddWatch, new PathModeRecord("/", 1).Write);
        await _server.Faults.MoveSessionAsync(client.Greeting.SessionId);
        await other.CreateAsync("/seen-by-others");
        await client.SendAsync(2, OpCode.Create, Request.Create("/a").Write);
        Assert.Empty(await client.ReadToEndAsync());
        Assert.Equal(ZooKeeperErrorCode.NoNode, await ExistsAsync(other, "/a"));
        using var back = await ConnectAsync(client.Greeting);
        Assert.Equal(client.Greeting.SessionId, back.Greeting.SessionId);
    }

    [Fact]
    public async Task A_duplicate_connection_takes_the_session_and_the_client_takes_it_back()
    {
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options());
        var session = client.Session.SessionId;
        await client.CreateAsync("/e", default, CreateMode.Ephemeral);
        await using var twin = await _server.Faults.DuplicateConnectionAsync(session);
        Assert.Equal(session, twin.SessionId);
        await twin.Ended.WaitAsync(ClientSuite.Patience, TimeProvider.System);
        Assert.Equal(session, (await client.GetDataAsync("/e")).Stat.EphemeralOwner);
        Assert.Equal(session, client.Session.SessionId);
        await Assert.ThrowsAsync<ArgumentException>(() => _server.Faults.DuplicateConnectionAsync(1));
    }

    [Fact]
    public async Task A_rolled_back_server_forgets_later_data_and_sessions_and_turns_away_who_saw_more()
    {
        using var early = await ConnectAsync();
        await early.CreateAsync("/early", flags: 1);
        var snapshot = await _server.Faults.TakeSnapshotAsync();
        using var late = await ConnectAsync();
        var last = await late.CreateAsync("/late");
        await early.CallAsync(1, OpCode.SetData, Request.SetData("/early", [9]).Write);

        await _server.Faults.RestoreAsync(snapshot);

        Assert.Empty(await early.ReadToEndAsync());
        using (var ahead = await RawConnection.OpenAsync(_server.Transport))
        {
            await ahead.SendAsync(new ConnectRequest(0, last.Zxid, 4_000, early.Greeting.SessionId, early.Greeting.Password, false).Write);
            Assert.Empty(await ahead.ReadToEndAsync());
        }

        using (var gone = await ConnectAsync(late.Greeting))
        {
            Assert.Equal(0, gone.Greeting.SessionId);
        }

        using var back = await ConnectAsync(early.Greeting);
        Assert.Equal(early.Greeting.SessionId, back.Greeting.SessionId);
        Assert.Equal(ZooKeeperErrorCode.NoNode, await ExistsAsync(back, "/late"));
        var data = await back.CallAsync(2, OpCode.GetData, Request.GetData("/early").Write);
        Assert.Equal((1, 0, snapshot.Zxid), (Assert.Single(data.Data!), data.Stat.Version, data.Zxid));
        using var fresh = await ConnectAsync();
        Assert.NotEqual(late.Greeting.SessionId, fresh.Greeting.SessionId);
    }

    [Fact]
    public async Task A_client_gives_a_session_up_that_a_rollback_took_away()
    {
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options() with { SessionTimeout = TimeSpan.FromMilliseconds(600) });
        var snapshot = await _server.Faults.TakeSnapshotAsync();
        await client.CreateAsync("/late", default);
        await using var session = new SessionReader(client);
        await _server.Faults.RestoreAsync(snapshot);
        await session.UntilAsync(SessionState.Lost);
        await session.UntilAsync(SessionState.Connected);
        Assert.Null(await client.ExistsAsync("/late"));
    }

    [Fact]
    public async Task Frames_that_come_byte_by_byte_are_read_all_the_same()
    {
        _server.Faults.PieceLength = 1;
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options());
        await client.CreateAsync("/a", new byte[300]);
        Assert.Equal(300, (await client.GetDataAsync("/a")).Data.Length);
    }

    [Fact]
    public async Task A_random_plan_strikes_the_same_requests_for_the_same_seed()
    {
        var first = await RunPlanAsync(seed: 7);
        Assert.NotEmpty(first);
        Assert.All(first, line => Assert.StartsWith("seed 7: ", line, StringComparison.Ordinal));
        Assert.Equal(first, await RunPlanAsync(seed: 7));
        Assert.NotEqual(first, await RunPlanAsync(seed: 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => FaultPlan.Random(1, 1.5));
    }

    // A plan sees nothing but the order of requests, so every run sends the same ones, whatever becomes of them.
    private static async Task<string[]> RunPlanAsync(int seed)
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync(new() { Listen = false });
        var plan = FaultPlan.Random(seed, rate: 0.1);
        server.Faults.Run(plan);
        for (var i = 0; i < 60; i++)
        {
            using var client = await RawConnection.ConnectAsync(server.Transport);
            await client.SendAsync(1, OpCode.Create, Request.Create($"/{i}").Write);
            await client.SendAsync(-2, OpCode.Ping);
            await client.SendAsync(2, OpCode.CloseSession);
            await client.ReadToEndAsync();
        }

        Assert.Contains($"seed {seed}", plan.ToString(), StringComparison.Ordinal);
        return [.. server.Faults.Struck.Select(line => line[..line.IndexOf(" of session", StringComparison.Ordinal)])];
    }

    private static async Task<ZooKeeperErrorCode> ExistsAsync(RawConnection connection, string path) =>
        (await connection.CallAsync(99, OpCode.Exists, Request.Exists(path).Write)).Error;

    private Task<RawConnection> ConnectAsync(ConnectResponse? resume = null) => RawConnection.ConnectAsync(_server.Transport, resume: resume);

    private ZooKeeperClientOptions Options() => new()
    {
        ConnectString = _server.ConnectString,
        Transport = _server.Transport,
        MaxReconnectPause = TimeSpan.FromMilliseconds(20),
    };
}
