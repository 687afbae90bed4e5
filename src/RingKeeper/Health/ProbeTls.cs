using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;

namespace RingKeeper;

/// <summary>TLS for a probe from the same settings that a client's connections take.</summary>
internal static class ProbeTls
{
    public static SslClientAuthenticationOptions OptionsFor(EndPoint endPoint, ConfigurationOptions configuration)
    {
        var host = !string.IsNullOrEmpty(configuration.SslHost) ? configuration.SslHost : HostOf(endPoint);
        if (configuration.SslClientAuthenticationOptions?.Invoke(host) is { } own)
        {
            return own;
        }

        return new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = configuration.SslProtocols ?? SslProtocols.None,
            CertificateRevocationCheckMode = configuration.CheckCertificateRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = ReadCallback(configuration, GetValidation),
            LocalCertificateSelectionCallback = ReadCallback(configuration, GetSelection),
        };
    }

    /// <summary>
    /// Whether the server ended the connection by an alert of TLS. It lives, then, and does not want this client: since TLS 1.3 a
    /// missing certificate shows only after the handshake.
    /// </summary>
    public static bool IsRefusal(Exception exception) => Alert(exception) is not null;

    /// <summary>Says what went wrong. The texts of TLS name certificates' flaws and alerts, never a key.</summary>
    public static string Explain(Exception exception) => Alert(exception) is { } alert
        ? $"the server ended TLS with '{alert}'; check the client certificate (certificateFile, keyFile), its authority and the versions of TLS"
        : $"the TLS handshake failed: {exception.Message.TrimEnd('.')}; check the authority (caFile), the host name (sslHost) and whether that port speaks TLS";

    // OpenSSL writes: error:0A00045C:SSL routines::tlsv13 alert certificate required.
    private static string? Alert(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is CryptographicException && cause.Message.IndexOf(" alert ", StringComparison.Ordinal) is > 0 and var at)
            {
                return cause.Message[(at + 1)..].TrimEnd('.');
            }
        }

        return null;
    }

    private static string HostOf(EndPoint endPoint) => endPoint switch
    {
        DnsEndPoint dns => dns.Host,
        IPEndPoint ip => ip.Address.ToString(),
        _ => "",
    };

    // StackExchange.Redis lets only itself read the callbacks. A version without these members gets the system's own
    // validation: stricter, never laxer.
    private static T? ReadCallback<T>(ConfigurationOptions configuration, Func<ConfigurationOptions, T?> read)
        where T : Delegate
    {
        try
        {
            return read(configuration);
        }
        catch (MissingMethodException)
        {
            return null;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_CertificateValidationCallback")]
    private static extern RemoteCertificateValidationCallback? GetValidation(ConfigurationOptions configuration);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_CertificateSelectionCallback")]
    private static extern LocalCertificateSelectionCallback? GetSelection(ConfigurationOptions configuration);
}
