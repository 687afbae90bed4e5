using System.Net;

namespace RingKeeper.ZooKeeper;

/// <summary>
/// Opens the stream of bytes to a server. <see cref="ZooKeeperClientOptions.Transport"/> takes one that replaces TCP, such as a server inside
/// this process or a tunnel.
/// </summary>
public interface IZooKeeperTransport
{
    /// <summary>Connects.</summary>
    /// <param name="server">The server as the connect string names it.</param>
    /// <param name="cancellationToken">Gives up; the attempt took too long or the client is closing.</param>
    /// <returns>A stream that reads and writes at the same time; the client disposes of it. It must end reads that wait when it is disposed of.</returns>
    /// <exception cref="IOException">There is no way to the server now; the client tries the next one, as it does after any other exception.</exception>
    ValueTask<Stream> ConnectAsync(DnsEndPoint server, CancellationToken cancellationToken);
}
