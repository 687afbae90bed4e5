using System.Diagnostics;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Embedded;

public sealed class PortTests
{
    // A new process holds copies of all sockets until it becomes another program; a listening copy would keep the port from being taken.
    [Fact]
    public async Task Stopping_and_restarting_succeed_while_processes_start()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        using var over = new CancellationTokenSource();
        var starting = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => StartProcessesAsync(over.Token)));
        try
        {
            for (var round = 0; round < 1_000; round++)
            {
                await server.RestartAsync();
            }
        }
        finally
        {
            await over.CancelAsync();
            await starting;
        }

        using var client = await RawConnection.ConnectAsync(server);
        Assert.Equal([client.Greeting.SessionId], server.Sessions);
    }

    private static async Task StartProcessesAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var info = new ProcessStartInfo("true") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
            using var process = await ProcessSpawner.StartAsync(info);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
