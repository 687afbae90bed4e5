using System.Net;
using System.Net.Sockets;

namespace RingKeeper.ZooKeeper.Session;

/// <summary>TCP, for a single question: the addresses of the name are tried in a row.</summary>
internal sealed class TcpTransport : IZooKeeperTransport
{
    public static TcpTransport Instance { get; } = new();

    public async ValueTask<Stream> ConnectAsync(DnsEndPoint server, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.Host, server.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
