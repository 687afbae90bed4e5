using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using RingKeeper.ZooKeeper.Session;

namespace RingKeeper.ZooKeeper.Security;

/// <summary>Secures the stream to a server, whatever opened it; for sessions and for four-letter words alike. Safe for concurrent use.</summary>
internal sealed class TlsLayer(ZooKeeperTlsOptions options, ILogger logger)
{
    /// <summary>Shakes hands as a TLS client. The stream that is returned owns the plain one, which is disposed of when this fails.</summary>
    /// <exception cref="SecurityFailureException">There is no secure way to the server; the message says why.</exception>
    public async ValueTask<Stream> SecureAsync(Stream plain, ServerAddress server, CancellationToken cancellationToken)
    {
        var stream = new SslStream(plain, leaveInnerStreamOpen: false);
        try
        {
            await ShakeHandsAsync(stream, server, cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>With TLS 1.3 a server judges the client's certificate only after the handshake; null where the failure has another cause.</summary>
    public string? DescribeLateRefusal(Exception failure) => TlsFailures.DescribeAlert(TlsFailures.TextOf(failure), options.HasCertificate);

    private async Task ShakeHandsAsync(SslStream stream, ServerAddress server, CancellationToken cancellationToken)
    {
        string? judgement = null;
        try
        {
            var tls = TlsMaterial.Load(options, server.Host);
            tls.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                judgement = TlsFailures.DescribeJudgement(errors, certificate as X509Certificate2, chain, tls.TargetHost!, options.DescribeTrust());
                return errors == SslPolicyErrors.None;
            };
            await stream.AuthenticateAsClientAsync(tls, cancellationToken).ConfigureAwait(false);
            SecurityLog.Secured(logger, server, stream.SslProtocol, stream.NegotiatedCipherSuite, stream.RemoteCertificate?.Subject);
        }
        catch (ArgumentException e)
        {
            // A file that could be used when the client was opened was changed since.
            throw new SecurityFailureException(e.Message, e);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            throw new SecurityFailureException(judgement ?? TlsFailures.Describe(e, options.HasCertificate), e);
        }
    }
}
