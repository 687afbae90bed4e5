using System.Net.Sockets;
using Xunit;

namespace RingKeeper.IntegrationTests.Servers;

public sealed class ApacheZooKeeperTests
{
    [Fact]
    public async Task A_server_serves_stops_and_comes_back_on_the_same_port()
    {
        await using var server = await ApacheZooKeeper.StartAsync();
        var port = server.Port;
        Assert.Contains("Mode: standalone", await AskAllAsync(port, "srvr"), StringComparison.Ordinal);

        await server.StopAsync();
        await Assert.ThrowsAsync<SocketException>(() => LineClient.ConnectAsync(port));

        await server.RestartAsync();
        Assert.Equal($"127.0.0.1:{port}", server.ConnectString);
        Assert.Contains("imok", await AskAllAsync(port, "ruok"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_reach_the_server()
    {
        await using var server = await ApacheZooKeeper.StartAsync(
            tickTimeMs: 100, new Dictionary<string, string> { ["maxSessionTimeout"] = "12345" });

        var configuration = await AskAllAsync(server.Port, "conf");

        Assert.Contains("tickTime=100\n", configuration, StringComparison.Ordinal);
        Assert.Contains("maxSessionTimeout=12345\n", configuration, StringComparison.Ordinal);
    }

    private static async Task<string> AskAllAsync(int port, string command)
    {
        using var client = await LineClient.ConnectAsync(port);
        var reply = await client.AskAsync(command);
        for (var more = reply; more.Length > 0; reply += more)
        {
            more = await client.ReceiveAsync();
        }

        return reply;
    }
}
