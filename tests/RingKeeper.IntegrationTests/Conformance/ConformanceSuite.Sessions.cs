using RingKeeper.IntegrationTests.Embedded;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

public abstract partial class ConformanceSuite
{
    [Fact]
    public async Task A_new_session_is_greeted_with_37_bytes_of_known_layout()
    {
        using var connection = await RawConnection.OpenAsync(Port);
        var frame = await connection.GreetAsync(new ConnectRequest(0, 0, 3_000, 0, null, false));
        await AssertGreetedAsync(connection, frame, 3_000);
        Assert.Equal(37, frame.Length);
        Assert.Equal(0, frame[^1]);
    }

    [Fact]
    public async Task A_client_that_leaves_out_the_read_only_byte_gets_none_back()
    {
        using var connection = await RawConnection.OpenAsync(Port);
        var frame = await connection.GreetAsync(new ConnectRequest(0, 0, 3_000, 0, [], null));
        await AssertGreetedAsync(connection, frame, 3_000);
        Assert.Equal(36, frame.Length);
    }

    private static async Task AssertGreetedAsync(RawConnection connection, byte[] frame, int timeoutMs)
    {
        // protocol 0, timeout, session id, 16 bytes of password
        Assert.Equal($"00000000{timeoutMs:X8}{connection.Greeting.SessionId:X16}00000010", Convert.ToHexString(frame)[..40]);
        Assert.NotEqual(0, connection.Greeting.SessionId);
        Assert.NotEqual(new byte[16], connection.Greeting.Password);
        await connection.CallAsync(1, OpCode.CloseSession);
    }

    [Theory]
    [InlineData(int.MinValue, 400)]
    [InlineData(0, 400)]
    [InlineData(399, 400)]
    [InlineData(401, 401)]
    [InlineData(3_999, 3_999)]
    [InlineData(4_001, 4_000)]
    [InlineData(int.MaxValue, 4_000)]
    public async Task The_timeout_is_clamped_at_every_handshake(int asked, int granted)
    {
        var first = await ConnectAsync(asked);
        Assert.Equal(granted, first.Greeting.TimeoutMs);
        var back = await ConnectAsync(1_234, first.Greeting);
        Assert.Equal((first.SessionId, 1_234), (back.SessionId, back.Greeting.TimeoutMs));
        Assert.Equal(granted, (await ConnectAsync(asked, first.Greeting)).Greeting.TimeoutMs);
    }

    [Fact]
    public async Task A_handshake_may_be_odd_in_what_does_not_matter()
    {
        // Another protocol version, a password of another length, a read-only client, a zxid below zero, and bytes to spare.
        using var connection = await RawConnection.OpenAsync(Port);
        await connection.SendAsync(writer =>
        {
            new ConnectRequest(7, -1, 2_000, 0, new byte[40], true).Write(writer);
            writer.WriteInt32(42);
        });
        Assert.Equal(37, (await connection.ReceiveAsync()).Length);
        Assert.Equal(Ok, (await connection.CallAsync(1, OpCode.CloseSession)).Error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000000000000000000")]
    [InlineData("000000000000000000000000000007D00000000000000000")]
    [InlineData("000000000000000000000000000007D000000000000000007FFFFFFF")]
    [InlineData("000000000000000000000000000007D00000000000000000FFFFFFF9")]
    public async Task A_handshake_that_cannot_be_read_ends_the_connection(string hex)
    {
        using var connection = await RawConnection.OpenAsync(Port);
        await connection.SendAsync(writer => writer.WriteRaw(Convert.FromHexString(hex)));
        await AssertEndedAsync(connection);
    }

    [Fact]
    public async Task Coming_back_keeps_the_session_takes_no_zxid_and_cuts_the_old_connection()
    {
        await MakeAsync("e", flags: 1);
        var last = (await Client.DoAsync(Request.Exists(Root))).Zxid;
        var back = await ConnectAsync(2_000, Client.Greeting, last);
        Assert.Equal(Client.SessionId, back.SessionId);
        Assert.Equal(Client.Greeting.Password, back.Greeting.Password);
        await AssertEndedAsync(Client.Connection);
        Assert.Equal(last, (await back.DoAsync(Request.Exists(At("e")))).Zxid);
        Assert.Equal([At("e")], (await back.DoAsync(Request.OfPath(OpCode.GetEphemerals, Root))).Names);
    }

    [Fact]
    public async Task A_new_session_takes_a_zxid_and_so_does_its_end()
    {
        var last = (await Client.DoAsync(Request.Exists(Root))).Zxid;
        var other = await ConnectAsync();
        Assert.Equal(last + 1, (await Client.DoAsync(Request.Exists(Root))).Zxid);
        var closed = await other.DoAsync(Request.Of(OpCode.CloseSession));
        Assert.Equal((last + 2, 0), (closed.Zxid, closed.Body.Length));
        Assert.Equal(last + 2, (await Client.DoAsync(Request.Exists(Root))).Zxid);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_as_a_session_that_is_over()
    {
        await MakeAsync("e", flags: 1);
        using var intruder = await RawConnection.ConnectAsync(Port, resume: Client.Greeting with { Password = new byte[16] });
        await AssertRefusedAsync(intruder);
        Assert.Equal(Client.SessionId, (await ConnectAsync(resume: Client.Greeting)).SessionId);
    }

    [Theory]
    [InlineData(0x77)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public async Task An_unknown_session_is_refused(long id)
    {
        using var connection = await RawConnection.ConnectAsync(Port, resume: new ConnectResponse(0, 0, id, new byte[16], null));
        await AssertRefusedAsync(connection);
    }

    [Fact]
    public async Task A_closed_session_is_refused()
    {
        var closed = await ConnectAsync();
        await closed.DoAsync(Request.Of(OpCode.CloseSession));
        using var connection = await RawConnection.ConnectAsync(Port, resume: closed.Greeting);
        await AssertRefusedAsync(connection);
    }

    private static async Task AssertRefusedAsync(RawConnection connection)
    {
        Assert.Equal((0, 0, 0L), (connection.Greeting.ProtocolVersion, connection.Greeting.TimeoutMs, connection.Greeting.SessionId));
        Assert.Equal(new byte[16], connection.Greeting.Password);
        Assert.False(connection.Greeting.ReadOnly);
        await AssertEndedAsync(connection);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_has_seen_a_higher_zxid_is_turned_away_without_a_word(bool resume)
    {
        var last = (await Client.DoAsync(Request.Exists(Root))).Zxid;
        using (var ahead = await RawConnection.OpenAsync(Port))
        {
            await ahead.SendAsync(new ConnectRequest(0, last + 1, 2_000, resume ? Client.SessionId : 0, Client.Greeting.Password, false).Write);
            await AssertEndedAsync(ahead);
        }

        Assert.Equal(last, (await Client.DoAsync(Request.Exists(Root))).Zxid);
        Assert.Equal(Client.SessionId, (await ConnectAsync(resume: Client.Greeting, seen: last)).SessionId);
    }

    [Fact]
    public async Task Closing_takes_the_ephemerals_in_one_zxid_before_its_reply_and_then_ends_the_connection()
    {
        var closing = await ConnectAsync();
        await closing.DoAsync(Request.Create(At("e1"), flags: 1));
        await closing.DoAsync(Request.Create(At("e2"), flags: 1));
        await MakeAsync("stays", flags: 1);
        await Client.DoAsync(Request.AddWatch(Root, recursive: true));
        var reply = await closing.DoAsync(Request.Of(OpCode.CloseSession));
        await AssertEndedAsync(closing.Connection);
        Assert.Equal([$"NodeDeleted {At("e1")}", $"NodeDeleted {At("e2")}"], (await Client.EventsAsync()).Order(StringComparer.Ordinal));
        var stat = await Client.StatAsync(Root);
        Assert.Equal((reply.Zxid, 5, 1), (stat.Pzxid, stat.Cversion, stat.NumChildren));
    }

    [Fact]
    public async Task Closing_leaves_what_others_have_deleted_or_taken_over()
    {
        var closing = await ConnectAsync();
        await closing.DoAsync(Request.Create(At("e1"), flags: 1));
        await closing.DoAsync(Request.Create(At("e2"), flags: 1));
        await Client.DoAsync(Request.Delete(At("e1")));
        await MakeAsync("e1", flags: 1);
        await Client.DoAsync(Request.SetData(At("e2")));
        await closing.DoAsync(Request.Of(OpCode.CloseSession));
        Assert.Equal(["e1"], (await Client.DoAsync(Request.GetChildren(Root))).Names);
    }

    // Apache ZooKeeper may still answer them, that the session is closing or unknown; all that counts is that they do nothing.
    [Fact]
    public async Task Requests_behind_a_close_are_not_executed()
    {
        var closing = await ConnectAsync();
        var writer = new FrameWriter();
        foreach (var (xid, request) in new[] { Request.Create(At("before")), Request.Of(OpCode.CloseSession), Request.Create(At("after")), Request.SetData(Root) }.Index())
        {
            writer.BeginFrame();
            new RequestHeader(xid, request.Type).Write(writer);
            request.Write(writer);
            writer.EndFrame();
        }

        await closing.Connection.SendBytesAsync(writer.Written);
        Assert.Equal((0, Ok), Answer(await closing.Connection.ReplyAsync()));
        Assert.Equal((1, Ok), Answer(await closing.Connection.ReplyAsync()));
        var rest = await closing.Connection.ReadToEndAsync();
        for (var at = 0; at < rest.Length; at += 20)
        {
            Assert.Contains(RawReply.Parse(rest[(at + 4)..(at + 20)]).Error, new[] { ZooKeeperErrorCode.SessionExpired, UnknownSession });
        }

        Assert.Equal(["before"], (await Client.DoAsync(Request.GetChildren(Root))).Names);
        Assert.Equal(0, (await Client.StatAsync(Root)).Version);

        static (int Xid, ZooKeeperErrorCode Error) Answer(RawReply reply) => (reply.Xid, reply.Error);
    }

    [Fact]
    public async Task Requests_may_follow_the_handshake_without_waiting()
    {
        using var connection = await RawConnection.OpenAsync(Port);
        await connection.SendAsync(new ConnectRequest(0, 0, 4_000, 0, null, false).Write);
        await connection.SendAsync(1, OpCode.Create, Request.Create(At("a")).Write);
        await connection.SendAsync(-2, OpCode.Ping);
        await connection.SendAsync(2, OpCode.CloseSession);
        await connection.ReceiveAsync();
        foreach (var xid in new[] { 1, -2, 2 })
        {
            Assert.Equal(xid, (await connection.ReplyAsync()).Xid);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(-2)]
    public async Task A_ping_is_answered_with_the_last_zxid_and_nothing_else(int xid)
    {
        var last = (await Client.DoAsync(Request.Exists(Root))).Zxid;
        await Client.Connection.SendAsync(xid, OpCode.Ping);
        Assert.Equal($"FFFFFFFE{last:X16}00000000", Convert.ToHexString(await Client.Connection.ReceiveAsync()));
    }

    // Not before its timeout; how soon after it, a loaded machine decides. With a clock of its own, the embedded server is tested to the tick.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_silent_session_expires_in_its_time_without_a_word_and_its_ephemerals_go_in_one_zxid(bool connected)
    {
        var silent = await ConnectAsync(600);
        await silent.DoAsync(Request.Create(At("e1"), flags: 1));
        var before = TimeProvider.System.GetTimestamp();
        var last = await silent.DoAsync(Request.Create(At("e2"), flags: 1));
        if (!connected)
        {
            silent.Dispose();
        }

        await Client.DoAsync(Request.Exists(At("e1"), watch: true));
        Assert.Equal($"NodeDeleted {At("e1")}", await Client.NextEventAsync());
        Assert.InRange(TimeProvider.System.GetElapsedTime(before), TimeSpan.FromMilliseconds(590), TimeSpan.MaxValue);
        var gone = await Client.CallAsync(Request.Exists(At("e2")));
        Assert.Equal((NoNode, last.Zxid + 1), (gone.Error, gone.Zxid));
        if (connected)
        {
            await AssertEndedAsync(silent.Connection);
        }

        using var back = await RawConnection.ConnectAsync(Port, resume: silent.Greeting);
        await AssertRefusedAsync(back);
    }
}
