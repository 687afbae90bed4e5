using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Security;

/// <summary>The client over TLS against a real Apache ZooKeeper.</summary>
[Trait("Speed", "Slow")]
[Collection(SecureCollection.Name)]
public sealed class TlsTests(SecureZooKeeper server)
{
    private ZooKeeperClientOptions Options => SecureClients.Options(server.SecureAddress) with { Tls = SecureClients.Tls(server) };

    [Theory]
    [InlineData("PEM")]
    [InlineData("one PEM")]
    [InlineData("encrypted PEM")]
    [InlineData("PKCS#12")]
    [InlineData("certificates in code")]
    public async Task A_session_runs_over_TLS_with_the_client_certificate_as(string form)
    {
        var (tls, certificates) = (Options.Tls!, server.Certificates);
        tls = form switch
        {
            "PEM" => tls,
            "one PEM" => tls with { CertificateFile = certificates.BothOf("client"), KeyFile = null },
            "encrypted PEM" => tls with { KeyFile = certificates.EncryptedKeyOf("client"), KeyPassword = TestCertificates.KeyPassword },
            "PKCS#12" => tls with { CertificateFile = certificates.Pkcs12Of("client"), KeyFile = null, KeyPassword = TestCertificates.KeyPassword },
            _ => tls with
            {
                TrustedRootsFile = null,
                TrustedRoots = [X509CertificateLoader.LoadCertificateFromFile(certificates.CaFile)],
                CertificateFile = null,
                KeyFile = null,
                Certificate = X509Certificate2.CreateFromPemFile(certificates.CertificateOf("client"), certificates.KeyOf("client")),
            },
        };

        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { Tls = tls });
        var path = await client.CreateAsync("/tls-", new byte[200_000], CreateMode.EphemeralSequential);

        Assert.Equal(200_000, (await client.GetDataAsync(path)).Data.Length);
    }

    [Fact]
    public async Task The_identity_of_the_certificate_opens_what_its_ACL_closes_to_others()
    {
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options);
        var path = await client.CreateAsync("/x509-", default, CreateMode.EphemeralSequential, [Acl.X509("CN=client")]);
        await using var stranger = await ZooKeeper.ZooKeeperClient.ConnectAsync(SecureClients.Options(server.Plain.ConnectString));

        await client.GetDataAsync(path);

        var refused = await Assert.ThrowsAsync<ZooKeeperException>(() => stranger.GetDataAsync(path).AsTask());
        Assert.Equal(ZooKeeperErrorCode.NoAuth, refused.Code);
    }

    [Fact]
    public async Task A_host_that_the_certificate_does_not_name_is_refused_with_the_names_that_it_does()
    {
        var options = Options with { Tls = Options.Tls! with { TargetHost = "elsewhere.test" } };

        var attempt = await SecureClients.FirstAttemptAsync(options);
        var failure = await SecureClients.FailureOfAsync(options with { StartTimeout = TimeSpan.FromSeconds(3) });

        foreach (var told in new[] { attempt, failure.Message })
        {
            Assert.Contains(server.SecureAddress, told, StringComparison.Ordinal);
            Assert.Contains("is for 'localhost', '127.0.0.1', not for 'elsewhere.test'", told, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_name_that_is_checked_is_the_one_of_the_connect_string()
    {
        await using (await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { ConnectString = $"127.0.0.1:{server.SecurePort}" }))
        {
        }

        // The same loopback by another name, which the certificate does not carry.
        var failure = await SecureClients.FirstAttemptAsync(Options with { ConnectString = $"127.0.0.2:{server.SecurePort}", Transport = new Loopback(server.SecurePort) });
        Assert.Contains("not for '127.0.0.2'", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_authority_that_is_not_trusted_is_refused_and_so_is_the_systems_word_on_a_private_one()
    {
        var other = await SecureClients.FirstAttemptAsync(Options with { Tls = Options.Tls! with { TrustedRootsFile = server.Certificates.OtherCaFile } });
        var system = await SecureClients.FirstAttemptAsync(Options with { Tls = Options.Tls! with { TrustedRootsFile = null } });

        Assert.Contains($"(CN=server, issued by CN=ca) is of no authority that is trusted here ({server.Certificates.OtherCaFile}; ", other, StringComparison.Ordinal);
        Assert.Contains("trusted here (the system's; ", system, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_certificate_that_is_missing_or_of_a_strange_authority_is_told_apart()
    {
        var none = await SecureClients.FirstAttemptAsync(Options with { Tls = Options.Tls! with { CertificateFile = null, KeyFile = null } });
        var strange = await SecureClients.FirstAttemptAsync(Options with
        {
            Tls = Options.Tls! with { CertificateFile = server.Certificates.CertificateOf("other-client"), KeyFile = server.Certificates.KeyOf("other-client") },
        });

        Assert.Contains("the server wants a client certificate", none, StringComparison.Ordinal);
        Assert.Contains("the server refused the client certificate", strange, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plain_port_is_told_for_what_it_is_and_attempts_at_it_are_paced()
    {
        var log = new EveryLog();
        var failure = await SecureClients.FailureOfAsync(Options with
        {
            ConnectString = $"localhost:{server.Plain.Port}", Logger = log, MaxReconnectPause = TimeSpan.FromSeconds(10), StartTimeout = TimeSpan.FromSeconds(2),
        });

        Assert.Contains("Is this the plain port", failure.Message, StringComparison.Ordinal);

        // With pauses of five seconds on average, ten attempts within two would be a loop.
        Assert.InRange(log.Text.Split("No session at").Length - 1, 1, 9);
    }

    [Fact]
    public async Task A_client_without_TLS_gets_no_session_at_the_secure_port()
    {
        var failure = await SecureClients.FirstAttemptAsync(Options with { Tls = null });

        Assert.Contains(server.SecureAddress, failure, StringComparison.Ordinal);
        Assert.Contains("TLS", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Four_letter_words_are_answered_over_TLS()
    {
        var transport = new ZooKeeperTlsTransport(Options.Tls!);

        Assert.True(await ZooKeeperServer.IsAliveAsync(server.SecureAddress, transport));
        Assert.Equal(ZooKeeperServerMode.ReadWrite, await ZooKeeperServer.GetModeAsync(server.SecureAddress, transport));
        Assert.Equal("standalone", (await ZooKeeperServer.GetStatisticsAsync(server.SecureAddress, transport)).Mode);
        var failure = await Assert.ThrowsAsync<ZooKeeperException>(() => ZooKeeperServer.GetModeAsync(server.SecureAddress, new ZooKeeperTlsTransport(Options.Tls! with { TargetHost = "elsewhere.test" })));
        Assert.Contains("not for 'elsewhere.test'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_renewed_certificate_is_read_at_the_next_connection()
    {
        using var folder = new TemporaryFolder("renewal");
        var (certificate, key) = (folder.Combine("client.pem"), folder.Combine("client.key"));
        Install("other-client");
        var log = new EveryLog();
        await using var client = ZooKeeper.ZooKeeperClient.Open(Options with { Tls = Options.Tls! with { CertificateFile = certificate, KeyFile = key }, Logger = log });
        await log.WhenAsync("the server refused the client certificate");

        Install("client");
        await client.WaitForSessionAsync(default);

        void Install(string name)
        {
            File.Copy(server.Certificates.CertificateOf(name), certificate, overwrite: true);
            File.Copy(server.Certificates.KeyOf(name), key, overwrite: true);
        }
    }

    [Fact]
    public async Task TLS_stands_bytes_that_come_and_go_one_by_one_over_any_transport()
    {
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with { Transport = new Loopback(server.SecurePort, oneByOne: true), Sasl = SecureClients.Bob });
        var path = await client.CreateAsync("/split-", new byte[5_000], CreateMode.EphemeralSequential);

        Assert.Equal(5_000, (await client.GetDataAsync(path)).Data.Length);
    }

    /// <summary>Goes to the server wherever the connect string says.</summary>
    private sealed class Loopback(int port, bool oneByOne = false) : IZooKeeperTransport
    {
        public async ValueTask<Stream> ConnectAsync(DnsEndPoint server, CancellationToken cancellationToken)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            var stream = new NetworkStream(socket, ownsSocket: true);
            return oneByOne ? new OneByteStream(stream) : stream;
        }
    }
}
