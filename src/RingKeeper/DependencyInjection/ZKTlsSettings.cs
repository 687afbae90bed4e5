using System.Diagnostics;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Security;

namespace RingKeeper;

/// <summary>Configures TLS to ZooKeeper. It is on where <see cref="Enabled"/> says so or a file is named; see <see cref="ZooKeeperTlsOptions"/>.</summary>
public sealed class ZKTlsSettings
{
    /// <summary>Gets or sets whether TLS is used where no file is named: with the authorities of the system and without a client certificate (default: false).</summary>
    public bool Enabled { get; set; }

    /// <summary>Gets or sets the name that the servers' certificates must carry (default: the host of the connect string).</summary>
    public string? TargetHost { get; set; }

    /// <summary>Gets or sets the PEM file with the authorities to trust, and no others (default: those of the system).</summary>
    public string? TrustedRootsFile { get; set; }

    /// <summary>Gets or sets the file with the certificate to show, PEM with its intermediates or PKCS#12 with its key (default: none).</summary>
    public string? CertificateFile { get; set; }

    /// <summary>Gets or sets the PEM file with its private key (default: it stands in <see cref="CertificateFile"/>).</summary>
    public string? KeyFile { get; set; }

    /// <summary>Gets or sets the password of the private key (default: none). Never logged.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? KeyPassword { get; set; }

    /// <summary>Describes the settings without secrets.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => ToOptions()?.ToString() ?? "no TLS";

    internal ZooKeeperTlsOptions? ToOptions()
    {
        var options = new ZooKeeperTlsOptions
        {
            TargetHost = NoneIfEmpty(TargetHost),
            TrustedRootsFile = NoneIfEmpty(TrustedRootsFile),
            CertificateFile = NoneIfEmpty(CertificateFile),
            KeyFile = NoneIfEmpty(KeyFile),
            KeyPassword = NoneIfEmpty(KeyPassword),
        };
        return Enabled || options != new ZooKeeperTlsOptions() ? options : null;
    }

    /// <summary>Says what cannot work, and in which setting below <paramref name="path"/>; null where nothing is wrong.</summary>
    internal string? FindFlaw(string path)
    {
        if (ToOptions() is not { } options)
        {
            return null;
        }

        try
        {
            TlsMaterial.Load(options, "host");
            return null;
        }
        catch (ArgumentException e)
        {
            return e.Message.Replace($"{nameof(ZooKeeperTlsOptions)}.", $"{path}:", StringComparison.Ordinal);
        }
    }

    private static string? NoneIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
