using System.CommandLine;
using RingKeeper.Cli.Configuration;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Security;

namespace RingKeeper.Cli;

/// <summary>TLS and SASL to ZooKeeper: options, else the environment, else the configuration file. No secret is an argument.</summary>
internal sealed class ZooKeeperSecurity(CliEnvironment environment, ConfigurationFile file)
{
    public const string SaslVariable = "RINGKEEPER_ZOOKEEPER_SASL";

    private readonly Option<bool> _tls = Switch("--zookeeper-tls", "Speak TLS to ZooKeeper, on its secureClientPort (default: only where one of the next four, or zookeeper.tls of the file, is given).");
    private readonly Option<string> _ca = Text("--zookeeper-ca", "FILE", "The PEM file with the authorities to trust, and no others (default: those of the system).");
    private readonly Option<string> _certificate = Text("--zookeeper-cert", "FILE", "The certificate to show to ZooKeeper: PEM, or PKCS#12 with its key.");
    private readonly Option<string> _key = Text("--zookeeper-key", "FILE", "Its private key, PEM (default: it stands in the file of --zookeeper-cert).");
    private readonly Option<string> _host = Text("--zookeeper-host-name", "NAME", "The name that the certificates of ZooKeeper must carry (default: the host of --zookeeper).");
    private readonly Option<bool> _kerberos = Switch("--zookeeper-kerberos", $"Prove the Kerberos identity of this process to ZooKeeper; for DIGEST-MD5, put user:password into the environment variable {SaslVariable}.");

    public IReadOnlyList<Option> Options => [_tls, _ca, _certificate, _key, _host, _kerberos];

    /// <summary>Returns TLS, or null for none.</summary>
    /// <exception cref="CliUsageException">A file cannot be used.</exception>
    public ZooKeeperTlsOptions? ReadTls(ParseResult parsed)
    {
        var given = file.Read(parsed).ZooKeeperTls;
        var tls = given ?? new ZooKeeperTlsOptions();
        tls = tls with
        {
            TrustedRootsFile = parsed.GetValue(_ca) ?? tls.TrustedRootsFile,
            CertificateFile = parsed.GetValue(_certificate) ?? tls.CertificateFile,
            KeyFile = parsed.GetValue(_key) ?? tls.KeyFile,
            TargetHost = parsed.GetValue(_host) ?? tls.TargetHost,
        };
        if (given is null && !parsed.GetValue(_tls) && tls == new ZooKeeperTlsOptions())
        {
            return null;
        }

        try
        {
            TlsMaterial.Load(tls, "host");
            return tls;
        }
        catch (ArgumentException e)
        {
            throw new CliUsageException(InWordsOfTheCommand(e.Message));
        }
    }

    /// <summary>Returns the identity to prove, or null for none.</summary>
    /// <exception cref="CliUsageException">The variable cannot be read, or there are two identities.</exception>
    public ZooKeeperSaslOptions? ReadSasl(ParseResult parsed)
    {
        var configured = file.Read(parsed).ZooKeeperSasl;
        var digest = environment.GetVariable(SaslVariable);
        if (parsed.GetValue(_kerberos))
        {
            return configured as KerberosSaslOptions ?? new KerberosSaslOptions();
        }

        return string.IsNullOrWhiteSpace(digest) ? configured : DigestOf(digest) ?? throw new CliUsageException($"{SaslVariable} must be written as user:password.");
    }

    /// <summary>Says with the names of options what the library says with its own.</summary>
    public static string InWordsOfTheCommand(string message) => message
        .Replace($"{nameof(ZooKeeperTlsOptions)}.", "", StringComparison.Ordinal)
        .Replace(nameof(ZooKeeperTlsOptions.TrustedRootsFile), "--zookeeper-ca", StringComparison.Ordinal)
        .Replace(nameof(ZooKeeperTlsOptions.CertificateFile), "--zookeeper-cert", StringComparison.Ordinal)
        .Replace(nameof(ZooKeeperTlsOptions.KeyFile), "--zookeeper-key", StringComparison.Ordinal)
        .Replace(nameof(ZooKeeperTlsOptions.TargetHost), "--zookeeper-host-name", StringComparison.Ordinal);

    private static DigestMd5SaslOptions? DigestOf(string digest) =>
        ZooKeeperServers.IsDigest(digest) && digest.IndexOf(':') is var colon ? new DigestMd5SaslOptions(digest[..colon], digest[(colon + 1)..]) : null;

    private static Option<bool> Switch(string name, string description) => new(name) { Description = description, Recursive = true };

    private static Option<string> Text(string name, string help, string description) => new(name) { Description = description, HelpName = help, Recursive = true };
}
