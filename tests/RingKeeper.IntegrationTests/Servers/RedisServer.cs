using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RingKeeper.IntegrationTests.Servers;

/// <summary>A real redis-server without persistence.</summary>
public sealed class RedisServer : ServerProcess
{
    private readonly IReadOnlyList<string> _extraArguments;

    private TestCertificates? _certificates;

    private RedisServer(IReadOnlyList<string> extraArguments)
        : base("redis-server", "redis-server", TimeSpan.FromSeconds(30)) => _extraArguments = extraArguments;

    /// <summary>Starts a server that speaks TLS alone and wants a certificate of every client.</summary>
    public static async Task<RedisServer> StartTlsAsync(TestCertificates certificates, params string[] extraArguments)
    {
        var server = new RedisServer(extraArguments) { _certificates = certificates };
        await server.StartOnFreePortAsync(default);
        return server;
    }

    /// <summary>Starts a server; returns when it answers.</summary>
    /// <param name="extraArguments">Further arguments of redis-server, such as <c>--requirepass</c> and its value.</param>
    /// <param name="address">The address to listen on; loopback where there is none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<RedisServer> StartAsync(
        IReadOnlyList<string>? extraArguments = null, IPAddress? address = null, CancellationToken cancellationToken = default)
    {
        var server = new RedisServer(extraArguments ?? []) { Address = address ?? IPAddress.Loopback };
        await server.StartOnFreePortAsync(cancellationToken);
        return server;
    }

    /// <summary>Deletes what a SAVE has left, so that the next start begins empty.</summary>
    public void ForgetSaved() => File.Delete(Folder.Combine("dump.rdb"));

    private protected override IEnumerable<string> BuildArguments() =>
    [
        .. Ports(), "--bind", $"{Address}", "--protected-mode", IPAddress.IsLoopback(Address) ? "yes" : "no", "--dir", Folder.Path,
        "--save", "", "--appendonly", "no", "--daemonize", "no", .. _extraArguments,
    ];

    private protected override async Task<bool> ServesAsync(NetworkStream plain, CancellationToken cancellationToken)
    {
        await using var stream = await SecureAsync(plain, cancellationToken);
        await stream.WriteAsync("INFO server\r\nQUIT\r\n"u8.ToArray(), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var reply = await reader.ReadToEndAsync(cancellationToken);

        // A server with a password tells nobody its process id.
        return reply.Contains($"process_id:{ProcessId}\r\n", StringComparison.Ordinal)
            || reply.StartsWith("-NOAUTH", StringComparison.Ordinal);
    }

    private IEnumerable<string> Ports() => _certificates is not { } tls
        ? ["--port", $"{Port}"]
        :
        [
            "--port", "0", "--tls-port", $"{Port}", "--tls-auth-clients", "yes", "--tls-ca-cert-file", tls.CaFile,
            "--tls-cert-file", tls.CertificateOf("server"), "--tls-key-file", tls.KeyOf("server"),
        ];

    private async Task<Stream> SecureAsync(NetworkStream plain, CancellationToken cancellationToken)
    {
        if (_certificates is null)
        {
            return plain;
        }

        var tls = new SslStream(plain);
        try
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(_certificates.CaFile);
            var client = X509Certificate2.CreateFromPemFile(_certificates.CertificateOf("client"), _certificates.KeyOf("client"));
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = policy, ClientCertificates = [client] }, cancellationToken);
            return tls;
        }
        catch (AuthenticationException e)
        {
            await tls.DisposeAsync();
            throw new IOException("Some other server took the port.", e);
        }
    }
}
