using System.CommandLine;
using System.Net;

namespace RingKeeper.Cli.Commands;

/// <summary>What <c>zookeeper serve</c> was asked.</summary>
internal sealed record ServeZooKeeperRequest(int Port);

internal static class ServeZooKeeperCommand
{
    private const int StandardPort = 2181;

    public static Command Build(CliContext context, CommandHandler<ServeZooKeeperRequest> handler)
    {
        var port = Arguments.Count("--port", "The loopback port to listen on; 0 takes any free one.", StandardPort, least: 0, most: IPEndPoint.MaxPort);
        return context.Bind(
            new Command("serve", "Serves an in-memory ZooKeeper for development on this machine, until Ctrl-C.") { port },
            parsed => new ServeZooKeeperRequest(parsed.GetValue(port)),
            handler,
            "ringkeeper zookeeper serve",
            "ringkeeper zookeeper serve --port 0");
    }
}
