using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper.Session;

namespace RingKeeper.ZooKeeper.Security;

/// <summary>What a client's options ask of each of its connections before the session may use it. Safe for concurrent use.</summary>
internal sealed class ConnectionSecurity(ZooKeeperClientOptions options)
{
    private readonly ILogger _logger = options.Logger;
    private readonly TlsLayer? _tls = options.Tls is { } tls ? new TlsLayer(tls, options.Logger) : null;

    /// <summary>Secures a stream that was just opened, which is disposed of when this fails.</summary>
    /// <exception cref="SecurityFailureException">There is no secure way to the server.</exception>
    public ValueTask<Stream> SecureAsync(Stream stream, ServerAddress server, CancellationToken cancellationToken) =>
        _tls is null ? new(stream) : _tls.SecureAsync(stream, server, cancellationToken);

    /// <summary>Says why an attempt failed.</summary>
    public string Describe(Exception failure) => failure switch
    {
        SecurityFailureException => failure.Message,
        SilentCloseException when _tls is null => $"{failure.Message}; a port for TLS (secureClientPort) does so to a client without TLS",
        _ => _tls?.DescribeLateRefusal(failure) ?? failure.Message,
    };

    /// <summary>
    /// Gets ready to authenticate, before the server is asked for a session: a client that has no ticket should not leave sessions behind that nobody uses.
    /// Null where the options ask for none.
    /// </summary>
    /// <exception cref="SecurityFailureException">There is nothing to authenticate with.</exception>
    public async Task<SaslDialog?> PrepareAsync(ServerAddress server, CancellationToken cancellationToken) =>
        options.Sasl is { } sasl ? await SaslDialog.PrepareAsync(sasl, server, _logger, cancellationToken).ConfigureAwait(false) : null;
}
