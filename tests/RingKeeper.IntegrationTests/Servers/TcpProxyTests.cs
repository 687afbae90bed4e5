using System.Net.Sockets;
using RingKeeper.Testing;
using Xunit;

namespace RingKeeper.IntegrationTests.Servers;

public sealed class TcpProxyTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Bytes_pass_and_are_counted_both_ways()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = TcpProxy.Start(redis.Port);
        using var client = await LineClient.ConnectAsync(proxy.Port);

        Assert.Equal("+PONG\r\n", await client.AskAsync("PING\r\n"));

        Assert.Equal(6, proxy.BytesToServer);
        Assert.Equal(7, proxy.BytesToClient);
    }

    [Theory]
    [InlineData(nameof(StallDirection.Both), 0)]
    [InlineData(nameof(StallDirection.ToServer), 0)]
    [InlineData(nameof(StallDirection.ToClient), 6)]
    public async Task A_stalled_proxy_holds_the_bytes_of_that_direction_until_resume(string direction, int reachServer)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = TcpProxy.Start(redis.Port);
        using var direct = await LineClient.ConnectAsync(redis.Port);
        using var client = await LineClient.ConnectAsync(proxy.Port);
        proxy.Stall(Enum.Parse<StallDirection>(direction));

        var answer = client.AskAsync("PING\r\n");
        await AskUntilAsync(direct, reachServer > 0 ? "cmd=ping" : "cmd=client", "CLIENT LIST\r\n");
        Assert.False(answer.IsCompleted);
        Assert.Equal(reachServer, proxy.BytesToServer);
        Assert.Equal(0, proxy.BytesToClient);

        proxy.Resume();
        Assert.Equal("+PONG\r\n", await answer.WaitAsync(Patience, TimeProvider.System));
        Assert.Equal(6, proxy.BytesToServer);
    }

    [Fact]
    public async Task Cutting_resets_connections_and_accepts_new_ones()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = TcpProxy.Start(redis.Port);
        using var client = await LineClient.ConnectAsync(proxy.Port);
        await client.AskAsync("PING\r\n");

        await proxy.CutAllAsync();

        var failure = await Assert.ThrowsAsync<SocketException>(client.ReceiveAsync);
        Assert.Equal(SocketError.ConnectionReset, failure.SocketErrorCode);
        Assert.Equal(0, proxy.ConnectionCount);
        using var second = await LineClient.ConnectAsync(proxy.Port);
        Assert.Equal("+PONG\r\n", await second.AskAsync("PING\r\n"));
    }

    [Fact]
    public async Task Refusing_keeps_old_connections_and_resets_new_ones()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = TcpProxy.Start(redis.Port);
        using var client = await LineClient.ConnectAsync(proxy.Port);
        await client.AskAsync("PING\r\n");

        proxy.Refuse = true;

        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var refused = await LineClient.ConnectAsync(proxy.Port);
            await refused.ReceiveAsync();
        });
        Assert.Equal("+PONG\r\n", await client.AskAsync("PING\r\n"));
    }

    [Fact]
    public async Task A_dead_target_shows_as_a_reset()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = TcpProxy.Start(redis.Port);
        await redis.KillAsync();

        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var client = await LineClient.ConnectAsync(proxy.Port);
            await client.ReceiveAsync();
        });
    }

    private static async Task AskUntilAsync(LineClient client, string expected, string command)
    {
        while (!(await client.AskAsync(command)).Contains(expected, StringComparison.Ordinal))
        {
            await Task.Yield();
        }
    }
}
