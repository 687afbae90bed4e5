using RingKeeper.IntegrationTests.Client;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Security;

/// <summary>SASL DIGEST-MD5 against a real Apache ZooKeeper.</summary>
[Trait("Speed", "Slow")]
[Collection(SecureCollection.Name)]
public sealed class SaslTests(SecureZooKeeper server)
{
    private ZooKeeperClientOptions Plain => SecureClients.Options(server.Plain.ConnectString);

    private ZooKeeperClientOptions Options => Plain with { Sasl = SecureClients.Bob };

    [Fact]
    public async Task An_ACL_for_a_SASL_user_keeps_the_anonymous_out_and_the_user_in()
    {
        await using var bob = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options);
        await using var anonymous = await ZooKeeper.ZooKeeperClient.ConnectAsync(Plain);
        var path = await anonymous.CreateAsync("/sasl-", "d"u8.ToArray(), CreateMode.PersistentSequential, [Acl.Sasl(SecureZooKeeper.User)]);

        Assert.Equal("d"u8.ToArray(), (await bob.GetDataAsync(path)).Data.ToArray());

        var refused = await Assert.ThrowsAsync<ZooKeeperException>(() => anonymous.GetDataAsync(path).AsTask());
        Assert.Equal(ZooKeeperErrorCode.NoAuth, refused.Code);
    }

    [Theory]
    [InlineData("zoë", "pässwörd")]
    [InlineData("ζ", "κωδικός")]
    public async Task Names_and_passwords_beyond_ASCII_are_taken(string user, string password)
    {
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(Plain with { Sasl = new DigestMd5SaslOptions(user, password), DefaultAcl = Acl.CreatorOnly });
        var path = await client.CreateAsync("/named-", default, CreateMode.EphemeralSequential);

        Assert.Equal([Acl.Sasl(user)], (await client.GetAclAsync(path)).Acl);
    }

    [Theory]
    [InlineData("bob", "hunter2-secret")]
    [InlineData("nobody", "hunter2-secret")]
    public async Task Wrong_credentials_end_the_client_with_a_message_that_names_mechanism_and_server_and_no_secret(string user, string password)
    {
        var log = new EveryLog();
        await using var client = ZooKeeper.ZooKeeperClient.Open(Plain with { Sasl = new DigestMd5SaslOptions(user, password), Logger = log });
        await using var sessions = new SessionReader(client);

        var pending = await Assert.ThrowsAsync<ZooKeeperException>(() => client.GetDataAsync("/").AsTask());
        await sessions.UntilAsync(SessionState.AuthFailed);
        var later = await Assert.ThrowsAsync<ZooKeeperException>(() => client.GetDataAsync("/").AsTask());

        foreach (var failure in new[] { pending, later })
        {
            Assert.Equal(ZooKeeperErrorCode.AuthFailed, failure.Code);
            Assert.Contains($"SASL DIGEST-MD5 with {server.Plain.ConnectString}: the server refused", failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
        }

        Assert.Contains("refused the credentials of scheme sasl (DIGEST-MD5)", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cut_connection_authenticates_anew_before_watches_are_set_again_and_keeps_watch_and_ephemeral()
    {
        await using var proxy = TcpProxy.Start(server.SecurePort);
        await using var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options with
        {
            ConnectString = $"localhost:{proxy.Port}", Tls = SecureClients.Tls(server), SessionTimeout = TimeSpan.FromSeconds(20),
        });
        await using var other = await ZooKeeper.ZooKeeperClient.ConnectAsync(Options);
        await using var sessions = new SessionReader(client);
        await sessions.UntilAsync(SessionState.Connected);
        var path = await other.CreateAsync("/watched-", "1"u8.ToArray(), CreateMode.PersistentSequential, [Acl.Sasl(SecureZooKeeper.User)]);
        var ephemeral = await client.CreateAsync("/mine-", default, CreateMode.EphemeralSequential, [Acl.Sasl(SecureZooKeeper.User)]);
        var watched = await client.GetDataAndWatchAsync(path);

        proxy.Refuse = true;
        await proxy.CutAllAsync();
        await sessions.UntilAsync(SessionState.Suspended);
        var waiting = client.GetDataAsync(path).AsTask();
        await other.SetDataAsync(path, "2"u8.ToArray());
        proxy.Refuse = false;

        // What waited and the watch need the identity on the new connection.
        Assert.Equal("2"u8.ToArray(), (await waiting.WaitAsync(ClientSuite.Patience, TimeProvider.System)).Data.ToArray());
        Assert.Equal(WatchedEventType.NodeDataChanged, (await watched.Changed.WaitAsync(ClientSuite.Patience, TimeProvider.System)).Type);
        Assert.Equal(client.Session.SessionId, (await other.ExistsAsync(ephemeral))!.Value.EphemeralOwner);
        Assert.Equal(1, client.Session.Epoch);
    }

    [Fact]
    public async Task A_server_without_SASL_is_told_for_what_it_is()
    {
        await using var bare = await ApacheZooKeeper.StartAsync();

        var failure = await SecureClients.FirstAttemptAsync(Options with { ConnectString = bare.ConnectString });

        Assert.Contains($"SASL DIGEST-MD5 with {bare.ConnectString} failed: the server is not set up for SASL", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_confidential_shows_in_what_is_logged_thrown_or_described_over_TLS_and_SASL()
    {
        var log = new EveryLog();
        var options = Options with
        {
            ConnectString = server.SecureAddress,
            Tls = SecureClients.Tls(server) with { KeyFile = server.Certificates.EncryptedKeyOf("client"), KeyPassword = TestCertificates.KeyPassword },
            DigestCredentials = "alice:alices-secret",
            DefaultAcl = Acl.CreatorOnly,
            Logger = log,
            StartTimeout = TimeSpan.FromSeconds(3),
        };
        List<string> texts = [$"{options} {options.Tls} {options.Sasl}"];
        await using (var client = await ZooKeeper.ZooKeeperClient.ConnectAsync(options))
        {
            texts.Add($"{client.Session}");
            await client.CreateAsync("/quiet-", default, CreateMode.EphemeralSequential);
            texts.Add($"{await Assert.ThrowsAsync<ZooKeeperException>(() => client.GetDataAsync("/none").AsTask())}");
        }

        texts.Add($"{await SecureClients.FailureOfAsync(options with { Tls = options.Tls with { TargetHost = "elsewhere.test" } })}");
        texts.Add($"{await SecureClients.FailureOfAsync(options with { Sasl = new DigestMd5SaslOptions("bob", "wrong-secret") })}");
        var wrongKey = Assert.Throws<ArgumentException>(() => ZooKeeper.ZooKeeperClient.Open(options with { Tls = options.Tls with { KeyPassword = "other-secret" } }));
        texts.Add($"{wrongKey}");
        Assert.Contains(server.Certificates.CertificateOf("client"), wrongKey.Message, StringComparison.Ordinal);

        Assert.Contains("is secured by Tls", log.Text, StringComparison.Ordinal);
        Assert.Contains("by SASL DIGEST-MD5", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", log.Text, StringComparison.Ordinal);
        Assert.All(texts, text => Assert.DoesNotContain("secret", text, StringComparison.Ordinal));
    }
}
