using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RingKeeper;

/// <summary>TLS to Redis from PEM files. They are read at every connect, so that a renewed certificate needs no restart.</summary>
/// <param name="caFile">The authority whose certificates are trusted, no other's; null for the system's.</param>
/// <param name="certificateFile">The certificate to show to the server, with its intermediates; null for none.</param>
/// <param name="keyFile">Its private key; null if it stands in the same file.</param>
/// <param name="asksForRevocation">Whether the settings say what to do about revocation; a private authority seldom publishes any list.</param>
/// <param name="source">What the settings come from, for messages.</param>
internal sealed class RedisTls(string? caFile, string? certificateFile, string? keyFile, bool asksForRevocation, string source)
{
    public const string CaFile = "caFile";
    public const string CertificateFile = "certificateFile";
    public const string KeyFile = "keyFile";

    /// <summary>Finds out whether the files can be used.</summary>
    /// <exception cref="RingKeeperException">One cannot be read, or does not hold what it should; names setting and file.</exception>
    public void Check()
    {
        if (keyFile is not null && certificateFile is null)
        {
            throw new RingKeeperException($"{source} has a {KeyFile} and no {CertificateFile}. Give both, or neither.");
        }

        OptionsFor("", SslProtocols.None, checkRevocation: false);
    }

    /// <summary>Makes the options of one connection.</summary>
    /// <exception cref="RingKeeperException">A file cannot be used any more.</exception>
    public SslClientAuthenticationOptions OptionsFor(string host, SslProtocols? protocols, bool checkRevocation)
    {
        var revocation = checkRevocation && (caFile is null || asksForRevocation) ? X509RevocationMode.Online : X509RevocationMode.NoCheck;
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = protocols ?? SslProtocols.None,
            CertificateRevocationCheckMode = revocation,
        };
        if (caFile is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = revocation };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(Read(CaFile, caFile, ReadCertificates));
        }

        if (certificateFile is not null)
        {
            var own = Read(CertificateFile, certificateFile, ReadCertificates);
            var certificate = Read(keyFile is null ? CertificateFile : KeyFile, keyFile ?? certificateFile, key => X509Certificate2.CreateFromPemFile(certificateFile, key));
            options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, own, offline: true);
        }

        return options;
    }

    private T Read<T>(string setting, string file, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RingKeeperException($"{source}: the {setting} {file} cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            var wanted = setting == KeyFile ? $"the private key of {certificateFile}, unencrypted" : keyFile is null && setting == CertificateFile ? "a certificate with its private key" : "a certificate";
            throw new RingKeeperException($"{source}: the {setting} {file} does not hold {wanted}, in PEM.", e);
        }
    }

    private static X509Certificate2Collection ReadCertificates(string file)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(file);
        return certificates.Count > 0 ? certificates : throw new CryptographicException("no certificate");
    }
}
