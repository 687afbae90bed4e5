using System.Net;

namespace RingKeeper.ZooKeeper.Embedded.InProcess;

/// <summary>Leads every client to one server, whatever its connect string names.</summary>
internal sealed class InProcessTransport(Func<Stream> connect) : IZooKeeperTransport
{
    public ValueTask<Stream> ConnectAsync(DnsEndPoint server, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(connect());
    }
}
