using RingKeeper.Testing;
using Xunit;

namespace RingKeeper.IntegrationTests.Servers;

/// <summary>A real Apache ZooKeeper with TLS, which wants client certificates, and SASL DIGEST-MD5; its plain port is open, too.</summary>
public sealed class SecureZooKeeper : IAsyncLifetime
{
    public const string User = "bob";
    public const string Password = "bobs-secret";

    private ApacheZooKeeper? _server;

    public TestCertificates Certificates { get; } = new();

    /// <summary>The port without TLS.</summary>
    public ApacheZooKeeper Plain => _server ?? throw new InvalidOperationException("The server has not been started.");

    public int SecurePort { get; } = FreePort.Next();

    public string SecureAddress => $"localhost:{SecurePort}";

    public async ValueTask InitializeAsync() => _server = await ApacheZooKeeper.StartAsync(settings: Settings(), properties: [$"-Djava.security.auth.login.config={WriteJaas()}"]);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Certificates.Dispose();
    }

    private Dictionary<string, string> Settings() => new()
    {
        ["secureClientPort"] = $"{SecurePort}",
        ["secureClientPortAddress"] = "127.0.0.1",
        ["serverCnxnFactory"] = "org.apache.zookeeper.server.NettyServerCnxnFactory",
        ["ssl.keyStore.location"] = Certificates.BothOf("server"),
        ["ssl.keyStore.type"] = "PEM",
        ["ssl.trustStore.location"] = Certificates.CaFile,
        ["ssl.trustStore.type"] = "PEM",
        ["ssl.clientAuth"] = "need",
        ["authProvider.sasl"] = "org.apache.zookeeper.server.auth.SASLAuthenticationProvider",
    };

    private string WriteJaas()
    {
        var file = Certificates.File("jaas.conf");
        File.WriteAllText(file, $"Server {{ org.apache.zookeeper.server.auth.DigestLoginModule required user_super=\"supers-secret\" user_{User}=\"{Password}\" user_zoë=\"pässwörd\" user_ζ=\"κωδικός\"; }};\n");
        return file;
    }
}
