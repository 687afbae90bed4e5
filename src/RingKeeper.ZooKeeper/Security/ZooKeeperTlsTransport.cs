using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RingKeeper.ZooKeeper.Security;
using RingKeeper.ZooKeeper.Session;

namespace RingKeeper.ZooKeeper;

/// <summary>
/// Opens streams that are secured by TLS, for <see cref="ZooKeeperServer"/>, whose four-letter words a <c>secureClientPort</c> answers as well. A client gets TLS by
/// <see cref="ZooKeeperClientOptions.Tls"/> instead.
/// </summary>
public sealed class ZooKeeperTlsTransport : IZooKeeperTransport
{
    private readonly IZooKeeperTransport _inner;
    private readonly TlsLayer _tls;

    /// <summary>Creates the transport.</summary>
    /// <param name="options">How the streams are secured.</param>
    /// <param name="inner">What opens them (default: null, TCP).</param>
    /// <param name="logger">The log (default: none).</param>
    /// <exception cref="ArgumentException">The options contradict each other, or a file cannot be used.</exception>
    public ZooKeeperTlsTransport(ZooKeeperTlsOptions options, IZooKeeperTransport? inner = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        TlsMaterial.Load(options, "host");
        (_inner, _tls) = (inner ?? TcpTransport.Instance, new TlsLayer(options, logger ?? NullLogger.Instance));
    }

    /// <inheritdoc/>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint server, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        var plain = await _inner.ConnectAsync(server, cancellationToken).ConfigureAwait(false);
        return await _tls.SecureAsync(plain, new ServerAddress(server.Host, server.Port), cancellationToken).ConfigureAwait(false);
    }
}
