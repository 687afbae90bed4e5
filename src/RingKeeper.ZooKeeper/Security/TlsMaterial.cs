using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RingKeeper.ZooKeeper.Security;

/// <summary>Turns options into what one TLS connection needs, reading the files anew.</summary>
internal static class TlsMaterial
{
    /// <exception cref="ArgumentException">Options contradict each other, or a file cannot be used; names the option and the file.</exception>
    public static SslClientAuthenticationOptions Load(ZooKeeperTlsOptions options, string host)
    {
        CheckContradictions(options);
        var tls = new SslClientAuthenticationOptions
        {
            TargetHost = options.TargetHost ?? host,
            EnabledSslProtocols = options.Protocols,
            CertificateRevocationCheckMode = options.RevocationMode,
        };
        if (options.TrustedRootsFile is not null || options.TrustedRoots is not null)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = options.RevocationMode };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(LoadRoots(options));
        }

        if (options.HasCertificate)
        {
            tls.ClientCertificateContext = LoadCertificate(options);
        }

        return tls;
    }

    private static void CheckContradictions(ZooKeeperTlsOptions options)
    {
        if (options.TargetHost is not null && string.IsNullOrWhiteSpace(options.TargetHost))
        {
            throw Bad(nameof(options.TargetHost), "is blank; name the host, or leave it null for the one of the connect string");
        }

        if (options.CertificateFile is not null && options.Certificate is not null)
        {
            throw Bad(nameof(options.Certificate), $"and {nameof(options.CertificateFile)} are both given; give one");
        }

        if (options.KeyFile is not null && options.CertificateFile is null)
        {
            throw Bad(nameof(options.KeyFile), $"is given and {nameof(options.CertificateFile)} is not; give both, or neither");
        }

        if (options.Certificate is { HasPrivateKey: false })
        {
            throw Bad(nameof(options.Certificate), "has no private key; load it with its key");
        }
    }

    private static X509Certificate2Collection LoadRoots(ZooKeeperTlsOptions options)
    {
        var roots = new X509Certificate2Collection();
        if (options.TrustedRoots is { } given)
        {
            roots.AddRange(given);
        }

        if (options.TrustedRootsFile is { } file)
        {
            Read(nameof(options.TrustedRootsFile), file, "certificates of authorities, in PEM", () =>
            {
                roots.ImportFromPemFile(file);
                return roots.Count > 0 ? roots : throw new CryptographicException("There is no certificate.");
            });
        }

        return roots.Count > 0 ? roots : throw Bad(nameof(options.TrustedRoots), "is empty, so that no server could be trusted; add authorities, or leave it null for the system's");
    }

    private static SslStreamCertificateContext LoadCertificate(ZooKeeperTlsOptions options)
    {
        if (options.Certificate is { } given)
        {
            return SslStreamCertificateContext.Create(given, additionalCertificates: null, offline: true);
        }

        var file = options.CertificateFile!;
        return Read(nameof(options.CertificateFile), file, "a certificate with its private key, in PEM or PKCS#12, for which key file and password fit", () =>
        {
            var chain = new X509Certificate2Collection();
            X509Certificate2 own;
            if (IsPem(file))
            {
                chain.ImportFromPemFile(file);
                own = ReadPem(file, options.KeyFile ?? file, options.KeyPassword);
            }
            else
            {
                chain = X509CertificateLoader.LoadPkcs12CollectionFromFile(file, options.KeyPassword);
                own = chain.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw new CryptographicException("There is no private key.");
            }

            return SslStreamCertificateContext.Create(own, chain, offline: true);
        });
    }

    private static bool IsPem(string file)
    {
        var text = File.ReadAllBytes(file);
        return text.AsSpan().IndexOf("-----BEGIN "u8) >= 0;
    }

    private static X509Certificate2 ReadPem(string certificate, string key, string? password)
    {
        var read = password is null ? X509Certificate2.CreateFromPemFile(certificate, key) : X509Certificate2.CreateFromEncryptedPemFile(certificate, password, key);
        if (!OperatingSystem.IsWindows())
        {
            return read;
        }

        // Windows does not use a key for TLS that was never stored.
        using (read)
        {
            return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), password: null);
        }
    }

    private static T Read<T>(string option, string file, string wanted, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Bad(option, $"names {file}, and a file cannot be read: {e.Message.TrimEnd('.')}", e);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Bad(option, $"names {file}, which does not hold {wanted}", e);
        }
    }

#pragma warning disable MA0015 // The message names the option that is wrong; no parameter of a method is.
    private static ArgumentException Bad(string option, string flaw, Exception? inner = null) => new($"{nameof(ZooKeeperTlsOptions)}.{option} {flaw}.", inner);
#pragma warning restore MA0015
}
