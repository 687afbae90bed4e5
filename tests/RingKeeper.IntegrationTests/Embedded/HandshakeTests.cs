using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Embedded;

public sealed class HandshakeTests : IAsyncLifetime
{
    private EmbeddedZooKeeperServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await EmbeddedZooKeeperServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_new_session_is_greeted_with_37_bytes_of_known_layout()
    {
        using var connection = await RawConnection.OpenAsync(_server);
        var frame = await connection.GreetAsync(new ConnectRequest(0, 0, 4_000, 0, null, false));
        Assert.Equal(37, frame.Length);
        Assert.Equal("0000000000000FA001", Convert.ToHexString(frame)[..18]);
        Assert.Equal("00000010", Convert.ToHexString(frame)[32..40]);
        Assert.Equal(0, frame[^1]);
        Assert.Equal([connection.Greeting.SessionId], _server.Sessions);
    }

    [Fact]
    public async Task A_client_that_leaves_out_the_read_only_byte_gets_none_back()
    {
        using var connection = await RawConnection.OpenAsync(_server);
        Assert.Equal(36, (await connection.GreetAsync(new ConnectRequest(0, 0, 4_000, 0, [], null))).Length);
        Assert.True(connection.Greeting.TimeoutMs > 0);
    }

    [Theory]
    [InlineData(1, 400)]
    [InlineData(5_000, 5_000)]
    [InlineData(1_000_000, 40_000)]
    public async Task The_timeout_is_clamped(int asked, int granted)
    {
        using var connection = await RawConnection.ConnectAsync(_server, asked);
        Assert.Equal(granted, connection.Greeting.TimeoutMs);
    }

    [Fact]
    public async Task Coming_back_keeps_the_session_and_cuts_the_old_connection()
    {
        using var old = await RawConnection.ConnectAsync(_server);
        using var back = await RawConnection.ConnectAsync(_server, 2_000, old.Greeting);
        Assert.Equal(old.Greeting.SessionId, back.Greeting.SessionId);
        Assert.Equal(old.Greeting.Password, back.Greeting.Password);
        Assert.Equal(2_000, back.Greeting.TimeoutMs);
        Assert.Empty(await old.ReadToEndAsync());
        Assert.Equal(1, (await back.CallAsync(1, OpCode.Exists, new PathWatchRecord("/", false).Write)).Zxid);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_and_harms_nobody()
    {
        using var rightful = await RawConnection.ConnectAsync(_server);
        using var intruder = await RawConnection.ConnectAsync(_server, resume: rightful.Greeting with { Password = new byte[16] });
        Assert.Equal((0, 0L), (intruder.Greeting.TimeoutMs, intruder.Greeting.SessionId));
        Assert.Equal(new byte[16], intruder.Greeting.Password);
        Assert.Empty(await intruder.ReadToEndAsync());
        Assert.Equal(ZooKeeperErrorCode.Ok, (await rightful.CallAsync(-2, OpCode.Ping)).Error);
    }

    [Fact]
    public async Task An_unknown_session_is_refused_with_a_timeout_of_zero()
    {
        using var connection = await RawConnection.ConnectAsync(_server, resume: new ConnectResponse(0, 0, 0x77, new byte[16], null));
        Assert.Equal((0, 0L), (connection.Greeting.TimeoutMs, connection.Greeting.SessionId));
        Assert.Empty(await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task A_client_that_has_seen_a_higher_zxid_is_turned_away_without_a_word()
    {
        using var connection = await RawConnection.OpenAsync(_server);
        await connection.SendAsync(new ConnectRequest(0, 1, 4_000, 0, null, false).Write);
        Assert.Empty(await connection.ReadToEndAsync());
        Assert.Empty(_server.Sessions);
    }

    [Fact]
    public async Task Requests_may_follow_the_handshake_without_waiting()
    {
        using var connection = await RawConnection.OpenAsync(_server);
        await connection.SendAsync(new ConnectRequest(0, 0, 4_000, 0, null, false).Write);
        await connection.SendAsync(-2, OpCode.Ping);
        await connection.ReceiveAsync();
        Assert.Equal("FFFFFFFE000000000000000100000000", Convert.ToHexString(await connection.ReceiveAsync()));
    }

    [Theory]
    [InlineData("FFFFFFFB")]
    [InlineData("00100000")]
    [InlineData("7FFFFFFF")]
    [InlineData("0000000400000000")]
    public async Task A_frame_that_cannot_be_ends_the_connection(string hex)
    {
        using var connection = await RawConnection.OpenAsync(_server);
        await connection.SendBytesAsync(Convert.FromHexString(hex));
        Assert.Empty(await connection.ReadToEndAsync());
        using var next = await RawConnection.ConnectAsync(_server);
        Assert.NotEqual(0, next.Greeting.SessionId);
    }

    [Theory]
    [InlineData("ruok", "imok")]
    [InlineData("isro", "rw")]
    [InlineData("srvr", "Mode: standalone")]
    [InlineData("mntr", "zk_znode_count\t4\n")]
    [InlineData("wchs", "wchs is not executed because it is not in the whitelist.")]
    public async Task Four_letter_words_are_answered_and_the_connection_closed(string word, string answer)
    {
        using var connection = await RawConnection.OpenAsync(_server);
        await connection.SendBytesAsync(System.Text.Encoding.ASCII.GetBytes(word));
        Assert.Contains(answer, System.Text.Encoding.ASCII.GetString(await connection.ReadToEndAsync()), StringComparison.Ordinal);
    }
}
