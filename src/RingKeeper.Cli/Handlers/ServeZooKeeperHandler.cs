using System.Net.Sockets;
using RingKeeper.Cli.Commands;
using RingKeeper.ZooKeeper.Embedded;

namespace RingKeeper.Cli.Handlers;

/// <summary>Serves the embedded ZooKeeper until the process is told to end.</summary>
internal static class ServeZooKeeperHandler
{
    public static async Task<int> RunAsync(ServeZooKeeperRequest request, CliOutput output, CancellationToken cancellationToken)
    {
        await using var server = await StartAsync(request.Port, cancellationToken);
        output.WriteDiagnostic(
            "An in-memory ZooKeeper for development only: all is lost when it ends. Production needs an Apache ZooKeeper ensemble.");
        output.WriteLine(server.ConnectString);

        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellationToken.Register(ended.SetResult);
        await ended.Task;
        return ExitCodes.Done;
    }

    private static async Task<EmbeddedZooKeeperServer> StartAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            return await EmbeddedZooKeeperServer.StartAsync(new EmbeddedZooKeeperOptions { Port = port }, cancellationToken);
        }
        catch (SocketException e)
        {
            throw new RingKeeperException($"Cannot listen on port {port}: {e.Message.TrimEnd('.')}. Take another with --port, or any free one with --port 0.", e);
        }
    }
}
