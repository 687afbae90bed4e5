using RingKeeper.Cli;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Security;

/// <summary>A cluster over TLS and SASL from end to end: manager, checker, client and command, with the real Apache ZooKeeper and a real Redis.</summary>
[Trait("Speed", "Slow")]
[Collection(SecureCollection.Name)]
public sealed class SecureClusterTests(SecureZooKeeper server)
{
    private readonly EveryLog _log = new();

    [Fact]
    public async Task A_cluster_is_created_decided_read_and_shown_over_TLS_and_SASL_and_no_secret_is_logged()
    {
        await using var redis = await RedisServer.StartAsync();
        var connector = ConnectorOf(SecureClients.Bob);
        await using var manager = await ZKManager.ConnectAsync(connector, Cancel.Soon);
        await manager.CreateClusterAsync("secured", [new Shard("a", redis.Addr)], new ZKClusterOptions { ExpectedCheckers = 1 }, Cancel.Soon);
        await using var checker = await ZKChecker.ConnectAsync(
            new ZKCheckerOptions
            {
                ZKServers = connector.ZKServers, Tls = connector.Tls, Sasl = connector.Sasl, LoggerFactory = new OneLog(_log), ClusterName = "secured",
                Interval = TimeSpan.FromMilliseconds(200), Threshold = TimeSpan.FromMilliseconds(800),
            },
            Cancel.Soon);
        await checker.StartAsync(Cancel.Soon);
        await using var client = await ZKCluster.ConnectAsync(connector, "secured", cancellationToken: Cancel.Soon);

        await Views.WaitAsync(client, Views.AllAlive);

        var route = await client.ConnectAsync("k", cancellationToken: Cancel.Soon);
        Assert.True(await route.Database.StringSetAsync("k", "v"));
        Assert.Equal(
            [Acl.X509("CN=client"), Acl.Sasl(SecureZooKeeper.User)],
            (await manager.Client.GetAclAsync(ZKPaths.Status("secured"), Cancel.Soon)).Acl.OrderByDescending(static acl => acl.Scheme, StringComparer.Ordinal));

        var shown = await RunAsync($"{SecureZooKeeper.User}:{SecureZooKeeper.Password}", "cluster", "show", "secured", "--json");
        Assert.Equal((0, ""), (shown.ExitCode, shown.Error));
        Assert.Contains("\"openNodes\":[]", shown.Output, StringComparison.Ordinal);
        Assert.Contains("alive", (await RunAsync($"{SecureZooKeeper.User}:{SecureZooKeeper.Password}", "status", "secured")).Output, StringComparison.Ordinal);

        var wrong = await RunAsync($"{SecureZooKeeper.User}:hunter2-secret", "cluster", "show", "secured");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains($"SASL DIGEST-MD5 with {server.SecureAddress}: the server refused the credentials", wrong.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", shown.Output + wrong.Error + _log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manager_whose_credentials_are_wrong_says_so_without_them()
    {
        var failure = await Assert.ThrowsAsync<ZooKeeperException>(() => ZKManager.ConnectAsync(ConnectorOf(new DigestMd5SaslOptions("bob", "hunter2-confidential")), Cancel.Soon));

        Assert.Equal(ZooKeeperErrorCode.AuthFailed, failure.Code);
        Assert.DoesNotContain("hunter2", $"{failure}{_log.Text}{ConnectorOf(SecureClients.Bob)}", StringComparison.Ordinal);
    }

    private ZKConnectorOptions ConnectorOf(ZooKeeperSaslOptions sasl) => new()
    {
        ZKServers = server.SecureAddress,
        Tls = SecureClients.Tls(server) with { KeyFile = server.Certificates.EncryptedKeyOf("client"), KeyPassword = TestCertificates.KeyPassword },
        Sasl = sasl,
        LoggerFactory = new OneLog(_log),
    };

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(string sasl, params string[] command)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var environment = new CliEnvironment { Output = output, Error = error, GetVariable = name => name == ZooKeeperSecurity.SaslVariable ? sasl : null };
        var certificates = server.Certificates;
        var code = await new CliApp(environment, CliHandlers.Wired).RunAsync(
            [.. command, "--zookeeper", server.SecureAddress, "--zookeeper-ca", certificates.CaFile, "--zookeeper-cert", certificates.CertificateOf("client"), "--zookeeper-key", certificates.KeyOf("client")],
            Cancel.Soon);
        return (code, output.ToString(), error.ToString());
    }
}
