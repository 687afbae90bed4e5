using RingKeeper.ZooKeeper;

namespace RingKeeper.Cli.Configuration;

/// <summary>Reads what a configuration file says of TLS and SASL to ZooKeeper.</summary>
internal static class ZooKeeperSecurityReader
{
    /// <exception cref="CliUsageException">A field is wrong.</exception>
    public static ZooKeeperTlsOptions? ReadTls(JsonSection? zooKeeper)
    {
        if (zooKeeper?.Section("tls") is not { } tls)
        {
            return null;
        }

        var options = new ZooKeeperTlsOptions
        {
            TrustedRootsFile = tls.Text("ca", FlawOf),
            CertificateFile = tls.Text("certificate", FlawOf),
            KeyFile = tls.Text("key", FlawOf),
            KeyPassword = tls.Text("keyPassword", FlawOf),
            TargetHost = tls.Text("hostName", FlawOf),
        };
        tls.Close();
        return options;
    }

    /// <exception cref="CliUsageException">A field is wrong or missing.</exception>
    public static ZooKeeperSaslOptions? ReadSasl(JsonSection? zooKeeper)
    {
        if (zooKeeper?.Section("sasl") is not { } sasl)
        {
            return null;
        }

        var (user, password) = (sasl.Text("user", FlawOf), sasl.Text("password", FlawOf));
        var kerberos = sasl.Section("kerberos");
        var (service, host) = (kerberos?.Text("service", FlawOf), kerberos?.Text("host", FlawOf));
        kerberos?.Close();
        sasl.Close();
        return (kerberos, user, password) switch
        {
            (not null, null, null) => service is null ? new KerberosSaslOptions { ServiceHost = host } : new KerberosSaslOptions { ServiceHost = host, ServiceName = service },
            (not null, _, _) => throw sasl.Wrong("kerberos", "it takes no user and no password; leave out one of the two"),
            (null, { } name, { } secret) => new DigestMd5SaslOptions(name, secret),
            (null, null, _) => throw sasl.Wrong("user", "give user and password, or kerberos"),
            _ => throw sasl.Wrong("password", "give the password of the user"),
        };
    }

    private static string? FlawOf(string text) => string.IsNullOrWhiteSpace(text) ? "it is empty" : null;
}
