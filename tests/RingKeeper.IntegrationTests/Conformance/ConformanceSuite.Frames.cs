using System.Text;
using RingKeeper.IntegrationTests.Embedded;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

/// <summary>What the server does with requests it does not know, bytes that are none, and limits.</summary>
public abstract partial class ConformanceSuite
{
    private const int MaxFrame = 1_048_575;

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(23)]
    [InlineData(99)]
    [InlineData(108)]
    [InlineData(-1)]
    [InlineData(-2)]
    [InlineData(-12)]
    [InlineData(int.MaxValue)]
    public async Task An_unknown_operation_is_answered_and_ends_the_connection_but_not_the_session(int type)
    {
        await Client.Connection.SendAsync(5, (OpCode)type, Request.Check(Root).Write);
        Assert.Equal("00000005FFFFFFFFFFFFFFFFFFFFFFFA", Convert.ToHexString(await Client.Connection.ReceiveAsync()));
        await AssertEndedAsync(Client.Connection);
        Assert.Equal(Client.SessionId, (await ConnectAsync(resume: Client.Greeting)).SessionId);
    }

    public static TheoryData<int, string> BodiesThatCannotBeRead
    {
        get
        {
            var data = new TheoryData<int, string>();
            OpCode[] types =
            [
                OpCode.Create, OpCode.Delete, OpCode.Exists, OpCode.GetData, OpCode.SetData, OpCode.GetAcl, OpCode.SetAcl, OpCode.GetChildren, OpCode.Sync, OpCode.GetChildren2,
                OpCode.Multi, OpCode.Create2, OpCode.CheckWatches, OpCode.RemoveWatches, OpCode.CreateContainer, OpCode.CreateTtl, OpCode.MultiRead, OpCode.SetWatches,
                OpCode.GetEphemerals, OpCode.GetAllChildrenNumber, OpCode.SetWatches2, OpCode.AddWatch,
            ];
            foreach (var type in types)
            {
                data.Add((int)type, "");
                data.Add((int)type, "000000");
                data.Add((int)type, "70000000");
                data.Add((int)type, "FFFFFFFB");
            }

            // Counts that no frame could hold: of ACL entries, paths, and bytes of data.
            data.Add((int)OpCode.Create, "000000022F61" + "00000000" + "7FFFFFFF");
            data.Add((int)OpCode.Create, "000000022F61" + "7FFFFFFF");
            data.Add((int)OpCode.SetAcl, "000000022F61" + "7FFFFFFF");
            data.Add((int)OpCode.SetData, "000000022F61" + "7FFFFFFF");
            data.Add((int)OpCode.SetWatches, "0000000000000000" + "7FFFFFFF");
            data.Add((int)OpCode.SetWatches2, "0000000000000000" + "00000000" + "00000000" + "00000000" + "00000000" + "7FFFFFFF");
            data.Add((int)OpCode.Multi, "00000001" + "00" + "FFFFFFFF" + "7FFFFFFF");
            data.Add((int)OpCode.MultiRead, "00000004" + "00" + "FFFFFFFF" + "7FFFFFFF");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(BodiesThatCannotBeRead))]
    public async Task A_body_that_cannot_be_read_is_answered_and_the_connection_stays(int type, string hex)
    {
        var reply = await Client.CallAsync(Request.OfBytes((OpCode)type, Convert.FromHexString(hex)));
        Assert.Equal((MarshallingError, 0), (reply.Error, reply.Body.Length));
        Assert.Equal(Ok, await Client.ErrorOfAsync(Request.Exists(Root)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("000000")]
    [InlineData("0000000070000000")]
    public async Task Credentials_that_cannot_be_read_end_the_connection_but_not_the_session(string hex)
    {
        await Client.Connection.SendAsync(-4, OpCode.Auth, writer => writer.WriteRaw(Convert.FromHexString(hex)));
        await AssertEndedAsync(Client.Connection);
        Assert.Equal(Client.SessionId, (await ConnectAsync(resume: Client.Greeting)).SessionId);
    }

    [Theory]
    [InlineData("FFFFFFFF")]
    [InlineData("FFFFFFFB")]
    [InlineData("80000000")]
    [InlineData("00100000")]
    [InlineData("00100001")]
    [InlineData("7FFFFFFF")]
    [InlineData("00000000")]
    [InlineData("0000000400000000")]
    [InlineData("00000007AAAAAAAAAAAAAA")]
    [InlineData("474554202F20485454502F312E310D0A0D0A")]
    public async Task Bytes_that_are_no_frame_end_the_connection_first_or_later_and_no_other(string hex)
    {
        using (var fresh = await RawConnection.OpenAsync(Port))
        {
            await fresh.SendBytesAsync(Convert.FromHexString(hex));
            await AssertEndedAsync(fresh);
        }

        var other = await ConnectAsync();
        await other.Connection.SendBytesAsync(Convert.FromHexString(hex));
        await AssertEndedAsync(other.Connection);
        Assert.Equal(Ok, await Client.ErrorOfAsync(Request.Exists(Root)));
        Assert.Equal(other.SessionId, (await ConnectAsync(resume: other.Greeting)).SessionId);
    }

    [Fact]
    public async Task Random_bytes_end_their_connection_and_no_other()
    {
        var random = new Random(20_240_607);
        for (var round = 0; round < 30; round++)
        {
            var bytes = new byte[random.Next(4, 400)];
            random.NextBytes(bytes);

            // Neither a four-letter word nor a length that a frame may have.
            bytes[0] |= 0x80;
            using var connection = await RawConnection.OpenAsync(Port);
            await connection.SendBytesAsync(bytes);
            await AssertEndedAsync(connection);
        }

        Assert.Equal(Ok, await Client.ErrorOfAsync(Request.Exists(Root)));
    }

    [Fact]
    public async Task A_frame_cut_short_does_nothing()
    {
        var writer = new FrameWriter();
        writer.BeginFrame();
        new RequestHeader(1, OpCode.Create).Write(writer);
        Request.Create(At("cut")).Write(writer);
        writer.EndFrame();
        var cut = await ConnectAsync();
        await cut.Connection.SendBytesAsync(writer.Written[..^1]);
        cut.Dispose();
        var back = await ConnectAsync(resume: cut.Greeting);
        Assert.Equal(NoNode, await back.ErrorOfAsync(Request.Exists(At("cut"))));

        // In pieces it is a frame like any other.
        for (var at = 0; at < writer.Length; at += 7)
        {
            await back.Connection.SendBytesAsync(writer.Written.Slice(at, Math.Min(7, writer.Length - at)));
        }

        Assert.Equal(At("cut"), (await back.Connection.ReplyAsync()).Text);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(1_024, false)]
    public async Task The_largest_frame_is_taken_and_one_byte_more_ends_the_connection(int more, bool taken)
    {
        var overhead = new FrameWriter();
        new RequestHeader(1, OpCode.Create).Write(overhead);
        Request.Create(At("big"), []).Write(overhead);
        var data = new byte[MaxFrame + more - overhead.Length];
        data[^1] = 7;
        var writer = await ConnectAsync();
        if (taken)
        {
            Assert.Equal(At("big"), (await writer.DoAsync(Request.Create(At("big"), data))).Text);
            var read = await writer.DoAsync(Request.GetData(At("big")));
            Assert.Equal(data, read.Data);
            Assert.Equal(data.Length, read.Stat.DataLength);
            await writer.DoAsync(Request.Delete(At("big")));
            return;
        }

        await SendAllAsync(writer.Connection, Request.Create(At("big"), data));
        await AssertEndedAsync(writer.Connection);
        Assert.Equal(NoNode, await Client.ErrorOfAsync(Request.Exists(At("big"))));
    }

    // A server that has seen the length only need not read the rest.
    private static async Task SendAllAsync(RawConnection connection, Request request)
    {
        try
        {
            await connection.SendAsync(1, request.Type, request.Write);
        }
        catch (IOException)
        {
            // It has closed already.
        }
    }

    [Fact]
    public async Task A_thousand_requests_in_one_write_are_answered_in_order()
    {
        var writer = new FrameWriter();
        for (var xid = 1; xid <= 1_000; xid++)
        {
            writer.BeginFrame();
            var request = (xid % 4) switch
            {
                0 => Request.SetData(Root, [1]),
                1 => Request.Create(At("n"), flags: 2),
                2 => Request.GetData(Root),
                _ => Request.Exists(At("none")),
            };
            new RequestHeader(xid, request.Type).Write(writer);
            request.Write(writer);
            writer.EndFrame();
        }

        await Client.Connection.SendBytesAsync(writer.Written);
        var zxid = 0L;
        for (var xid = 1; xid <= 1_000; xid++)
        {
            var reply = await Client.Connection.ReplyAsync();
            Assert.Equal((xid, xid % 4 == 3 ? NoNode : Ok), (reply.Xid, reply.Error));
            Assert.True(reply.Zxid == (xid % 4 is 0 or 1 ? zxid + 1 : zxid) || xid == 1, $"{xid}: {zxid}, {reply.Zxid}");
            zxid = reply.Zxid;
            if (xid % 4 == 1)
            {
                Assert.Equal(At($"n{xid / 4:D10}"), reply.Text);
            }
        }

        Assert.Equal((250, 250), ((await Client.StatAsync(Root)).Version, (await Client.StatAsync(Root)).NumChildren));
    }

    [Fact]
    public async Task Twenty_thousand_children_are_listed()
    {
        // In multis of a thousand, which fit into a frame.
        for (var batch = 0; batch < 20; batch++)
        {
            await Client.DoAsync(Request.Multi([.. Enumerable.Repeat(Request.Create(At("child-"), flags: 2), 1_000)]));
        }

        var expected = Enumerable.Range(0, 20_000).Select(number => $"child-{number:D10}");
        var reply = await Client.DoAsync(Request.GetChildren2(Root));
        Assert.Equal(expected, reply.Names);
        Assert.Equal((20_000, 20_000), (reply.Stat.NumChildren, reply.Stat.Cversion));
        Assert.Equal(20_000, (await Client.DoAsync(Request.OfPath(OpCode.GetAllChildrenNumber, Root))).Number);
        await Client.DoAsync(Request.Multi([.. expected.Take(1_000).Select(name => Request.Delete(At(name)))]));
        Assert.Equal((19_000, 21_000), ((await Client.StatAsync(Root)).NumChildren, (await Client.StatAsync(Root)).Cversion));
    }

    [Theory]
    [InlineData("ruok", "imok")]
    [InlineData("isro", "rw")]
    public async Task The_short_words_are_answered_and_the_connection_closed(string word, string answer) => Assert.Equal(answer, await AskAsync(word));

    [Theory]
    [InlineData("srvr", "Zookeeper version: 3.8.0", "Mode: {mode}", "Zxid: 0x", "Connections: ", "Received: ", "Node count: ")]
    [InlineData("mntr", "zk_version\t3.8.0", "zk_server_state\t{mode}", "zk_znode_count\t", "zk_watch_count\t", "zk_ephemerals_count\t", "zk_num_alive_connections\t", "zk_packets_received\t", "zk_global_sessions\t")]
    public async Task The_long_words_tell_the_same_things(string word, params string[] lines)
    {
        var answer = (await AskAsync(word)).Split('\n');
        Assert.All(
            lines.Select(line => line.Replace("{mode}", server.Mode, StringComparison.Ordinal)),
            line => Assert.Contains(answer, text => text.StartsWith(line, StringComparison.Ordinal)));
    }

    private async Task<string> AskAsync(string word)
    {
        using var connection = await RawConnection.OpenAsync(Port);
        await connection.SendBytesAsync(Encoding.ASCII.GetBytes(word));
        return Encoding.ASCII.GetString(await connection.ReadToEndAsync());
    }
}
