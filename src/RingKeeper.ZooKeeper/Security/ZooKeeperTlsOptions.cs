using System.Diagnostics;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace RingKeeper.ZooKeeper;

/// <summary>
/// Configures TLS to the servers, their <c>secureClientPort</c>. The certificate of a server must be signed by a trusted authority and name the host that the
/// connect string names; neither check can be switched off. Files are read again for each connection, so that a renewed certificate needs no restart.
/// </summary>
public sealed record ZooKeeperTlsOptions
{
    /// <summary>
    /// Gets the name that the certificates must carry (default: the host of the connect string, never one found by looking up its address).
    /// Set it where all servers share one certificate for one name.
    /// </summary>
    public string? TargetHost { get; init; }

    /// <summary>Gets the PEM file with the authorities to trust, and no others (default: null, those of the system).</summary>
    public string? TrustedRootsFile { get; init; }

    /// <summary>Gets the authorities to trust, and no others, in place of or beside <see cref="TrustedRootsFile"/> (default: null).</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>Gets the file with this client's certificate: PEM with its intermediates, or PKCS#12 with its key (default: null, none is shown).</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Gets the PEM file with the private key (default: null, it stands in <see cref="CertificateFile"/>).</summary>
    public string? KeyFile { get; init; }

    /// <summary>Gets the password of the private key or of the PKCS#12 file, or null (default: null). Never logged.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? KeyPassword { get; init; }

    /// <summary>Gets this client's certificate with its private key, in place of <see cref="CertificateFile"/> (default: null).</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Gets whether it is asked if a server's certificate was revoked (default: no, since a private authority seldom publishes any list).</summary>
    public X509RevocationMode RevocationMode { get; init; } = X509RevocationMode.NoCheck;

    /// <summary>Gets the versions of TLS that are allowed (default: <see cref="SslProtocols.None"/>, those of the system).</summary>
    public SslProtocols Protocols { get; init; }

    internal bool HasCertificate => CertificateFile is not null || Certificate is not null;

    /// <summary>Describes the options without secrets.</summary>
    /// <returns>The description.</returns>
    public override string ToString() =>
        $"TLS (host {TargetHost ?? "of the connect string"}, trust {DescribeTrust()}, client certificate {(HasCertificate ? CertificateFile ?? "given" : "no")}, revocation {RevocationMode})";

    internal string DescribeTrust() => (TrustedRootsFile, TrustedRoots) switch
    {
        ({ } file, null) => file,
        (null, { } roots) => $"{roots.Count} given",
        ({ } file, { } roots) => $"{file} and {roots.Count} given",
        _ => "the system's",
    };
}
