using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
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
