using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Embedded;

public sealed class RequestTests : IAsyncLifetime
{
    private EmbeddedZooKeeperServer _server = null!;
    private RawConnection _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedZooKeeperServer.StartAsync();
        _client = await RawConnection.ConnectAsync(_server);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Golden_frames_of_create_and_of_an_error()
    {
        await _client.SendAsync(7, OpCode.Create, new CreateRecord("/a", default, Acl.OpenToWorld, 0).Write);
        Assert.Equal("00000007000000000000000200000000000000022F61", Convert.ToHexString(await _client.ReceiveAsync()));
        await _client.SendAsync(8, OpCode.Create, new CreateRecord("/a", default, Acl.OpenToWorld, 0).Write);
        Assert.Equal("000000080000000000000003FFFFFF92", Convert.ToHexString(await _client.ReceiveAsync()));
    }

    [Fact]
    public async Task Failed_writes_take_a_zxid_and_reads_do_not()
    {
        Assert.Equal(2, (await _client.CreateAsync("/none/a")).Zxid);
        Assert.Equal(2, (await _client.CallAsync(2, OpCode.Exists, new PathWatchRecord("/none", false).Write)).Zxid);
        Assert.Equal(2, (await _client.CallAsync(3, OpCode.Sync, writer => writer.WriteString("/not/there"))).Zxid);
        Assert.Equal(3, (await _client.CreateAsync("/a")).Zxid);
    }

    [Fact]
    public async Task Null_data_and_empty_data_stay_apart()
    {
        await _client.CallAsync(1, OpCode.Create, writer => WriteCreate(writer, "/null", isNull: true));
        await _client.CallAsync(2, OpCode.Create, writer => WriteCreate(writer, "/empty", isNull: false));
        Assert.Equal("FFFFFFFF", await LengthOfDataAsync("/null"));
        Assert.Equal("00000000", await LengthOfDataAsync("/empty"));

        static void WriteCreate(FrameWriter writer, string path, bool isNull)
        {
            writer.WriteString(path);
            writer.WriteInt32(isNull ? -1 : 0);
            AclRecords.Write(writer, Acl.OpenToWorld);
            writer.WriteInt32(0);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(13)]
    [InlineData(20)]
    [InlineData(-10)]
    [InlineData(999)]
    public async Task An_unknown_operation_is_answered_and_ends_the_connection_but_not_the_session(int type)
    {
        await _client.SendAsync(5, (OpCode)type, new PathVersionRecord("/", -1).Write);
        Assert.Equal("00000005FFFFFFFFFFFFFFFFFFFFFFFA", Convert.ToHexString(await _client.ReceiveAsync()));
        Assert.Empty(await _client.ReadToEndAsync());
        Assert.Equal([_client.Greeting.SessionId], _server.Sessions);
    }

    [Theory]
    [InlineData((int)OpCode.Create)]
    [InlineData((int)OpCode.GetData)]
    [InlineData((int)OpCode.Multi)]
    [InlineData((int)OpCode.MultiRead)]
    [InlineData((int)OpCode.SetWatches2)]
    public async Task A_body_that_cannot_be_read_is_answered_and_the_connection_stays(int type)
    {
        var reply = await _client.CallAsync(5, (OpCode)type, writer => writer.WriteInt32(0x7000_0000));
        Assert.Equal((5, ZooKeeperErrorCode.MarshallingError, 0), (reply.Xid, reply.Error, reply.Body.Length));
        Assert.Equal(ZooKeeperErrorCode.Ok, (await _client.CallAsync(-2, OpCode.Ping)).Error);
    }

    [Theory]
    [InlineData((int)OpCode.AddWatch, 2)]
    [InlineData((int)OpCode.RemoveWatches, 4)]
    [InlineData((int)OpCode.CheckWatches, 0)]
    public async Task A_mode_that_3_8_does_not_know_is_a_marshalling_error(int type, int mode) =>
        Assert.Equal(ZooKeeperErrorCode.MarshallingError, (await _client.CallAsync(5, (OpCode)type, new PathModeRecord("/", mode).Write)).Error);

    [Fact]
    public async Task Bytes_after_the_record_are_ignored() =>
        Assert.Equal(ZooKeeperErrorCode.Ok, (await _client.CallAsync(1, OpCode.Exists, writer =>
        {
            new PathWatchRecord("/", false).Write(writer);
            writer.WriteInt64(42);
        })).Error);

    [Fact]
    public async Task An_unknown_scheme_fails_the_authentication_and_ends_the_connection()
    {
        var reply = await _client.CallAsync(-4, OpCode.Auth, new AuthRecord(0, "kerberos", [1]).Write);
        Assert.Equal((-4, 0L, ZooKeeperErrorCode.AuthFailed), (reply.Xid, reply.Zxid, reply.Error));
        Assert.Empty(await _client.ReadToEndAsync());
        Assert.Equal([_client.Greeting.SessionId], _server.Sessions);
    }

    [Fact]
    public async Task A_node_of_its_creator_is_closed_to_others_until_they_prove_themselves()
    {
        await _client.CallAsync(-4, OpCode.Auth, new AuthRecord(0, "digest", "u:p"u8.ToArray()).Write);
        await _client.CallAsync(1, OpCode.Create, new CreateRecord("/mine", default, Acl.CreatorOnly, 0).Write);
        using var other = await RawConnection.ConnectAsync(_server);
        Assert.Equal(ZooKeeperErrorCode.NoAuth, (await other.CallAsync(1, OpCode.GetData, new PathWatchRecord("/mine", false).Write)).Error);
        var auth = await other.CallAsync(-4, OpCode.Auth, new AuthRecord(0, "digest", "u:p"u8.ToArray()).Write);
        Assert.Equal((-4, 0L, ZooKeeperErrorCode.Ok), (auth.Xid, auth.Zxid, auth.Error));
        Assert.Equal(ZooKeeperErrorCode.Ok, (await other.CallAsync(1, OpCode.GetData, new PathWatchRecord("/mine", false).Write)).Error);
    }

    [Fact]
    public async Task A_multi_read_reports_errors_one_by_one()
    {
        var reply = await _client.CallAsync(1, OpCode.MultiRead, writer =>
        {
            new MultiHeader(OpCode.GetChildren, false, -1).Write(writer);
            new PathWatchRecord("/zookeeper/quota", false).Write(writer);
            new MultiHeader(OpCode.GetData, false, -1).Write(writer);
            new PathWatchRecord("/none", false).Write(writer);
            MultiHeader.End.Write(writer);
        });
        Assert.Equal("00000008000000000000000000FFFFFFFF00FFFFFF9BFFFFFF9BFFFFFFFF01FFFFFFFF", Convert.ToHexString(reply.Body));
    }

    [Fact]
    public async Task The_writers_own_event_comes_before_its_reply_and_other_watchers_hear_in_order()
    {
        using var other = await RawConnection.ConnectAsync(_server);
        await other.CallAsync(1, OpCode.AddWatch, new PathModeRecord("/", 1).Write);
        await _client.CallAsync(1, OpCode.Exists, new PathWatchRecord("/a", true).Write);
        Assert.Equal("NodeCreated /a", (await _client.CreateAsync("/a")).Event);
        Assert.Equal("/a", (await _client.ReplyAsync()).Text);
        await _client.CallAsync(2, OpCode.Delete, new PathVersionRecord("/a", -1).Write);
        Assert.Equal("NodeCreated /a", (await other.ReplyAsync()).Event);
        Assert.Equal("NodeDeleted /a", (await other.ReplyAsync()).Event);
    }

    [Fact]
    public async Task Whoever_may_not_read_a_node_is_not_told_about_it_but_of_the_parents_children()
    {
        using var other = await RawConnection.ConnectAsync(_server);
        await other.CallAsync(1, OpCode.AddWatch, new PathModeRecord("/secret", 0).Write);
        await other.CallAsync(2, OpCode.GetChildren, new PathWatchRecord("/", true).Write);
        await _client.CallAsync(-4, OpCode.Auth, new AuthRecord(0, "digest", "u:p"u8.ToArray()).Write);
        await _client.CallAsync(1, OpCode.Create, new CreateRecord("/secret", default, Acl.CreatorOnly, 0).Write);
        await _client.CallAsync(2, OpCode.SetData, new SetDataRecord("/secret", default, -1).Write);
        Assert.Equal("NodeChildrenChanged /", (await other.ReplyAsync()).Event);
        Assert.Equal(-2, (await other.CallAsync(-2, OpCode.Ping)).Xid);
    }

    [Fact]
    public async Task Create2_in_a_multi_is_answered_as_create()
    {
        var reply = await _client.CallAsync(1, OpCode.Multi, writer =>
        {
            new MultiHeader(OpCode.Create2, false, -1).Write(writer);
            new CreateRecord("/m", default, Acl.OpenToWorld, 0).Write(writer);
            MultiHeader.End.Write(writer);
        });
        Assert.Equal("000000010000000000000000022F6DFFFFFFFF01FFFFFFFF", Convert.ToHexString(reply.Body));
    }

    [Fact]
    public async Task Adding_a_watch_answers_with_an_int_of_zero() =>
        Assert.Equal("00000000", Convert.ToHexString((await _client.CallAsync(1, OpCode.AddWatch, new PathModeRecord("/absent", 0).Write)).Body));

    [Fact]
    public async Task Set_watches_tells_what_was_missed_before_its_reply()
    {
        var created = await _client.CreateAsync("/a");
        await _client.CallAsync(2, OpCode.SetData, new SetDataRecord("/a", default, -1).Write);
        using var back = await RawConnection.ConnectAsync(_server, resume: _client.Greeting, seen: created.Zxid);
        var first = await back.CallAsync(-8, OpCode.SetWatches, writer =>
            new SetWatchesRecord(created.Zxid, ["/a"], ["/later"], ["/gone"], [], []).Write(writer, withPersistent: false));
        Assert.Equal("NodeDataChanged /a", first.Event);
        Assert.Equal("NodeDeleted /gone", (await back.ReplyAsync()).Event);
        Assert.Equal(-8, (await back.ReplyAsync()).Xid);
        Assert.Equal("NodeCreated /later", (await back.CreateAsync("/later")).Event);
    }

    private async Task<string> LengthOfDataAsync(string path) =>
        Convert.ToHexString((await _client.CallAsync(3, OpCode.GetData, new PathWatchRecord(path, false).Write)).Body)[..8];
}
