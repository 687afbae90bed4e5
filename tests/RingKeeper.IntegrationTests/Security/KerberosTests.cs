using RingKeeper.IntegrationTests.Cli;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Security;

/// <summary>
/// SASL GSSAPI: the command as a client, since the system's Kerberos library reads the environment of its process, a real KDC and a real Apache ZooKeeper.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class KerberosTests : IAsyncLifetime
{
    private const string Service = "zookeeper/localhost";
    private const string Client = "checker";

    private KerberosServer _kerberos = null!;
    private ApacheZooKeeper _zooKeeper = null!;

    public async ValueTask InitializeAsync()
    {
        _kerberos = await KerberosServer.StartAsync(Service, Client);
        var jaas = Path.Combine(_kerberos.Folder, "jaas.conf");
        await File.WriteAllTextAsync(
            jaas,
            $"Server {{ com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true keyTab=\"{_kerberos.KeytabOf(Service)}\" storeKey=true useTicketCache=false principal=\"{Service}@{KerberosServer.Realm}\"; }};\n");
        _zooKeeper = await ApacheZooKeeper.StartAsync(
            settings: new Dictionary<string, string> { ["authProvider.sasl"] = "org.apache.zookeeper.server.auth.SASLAuthenticationProvider" },
            properties:
            [
                $"-Djava.security.auth.login.config={jaas}",
                $"-Djava.security.krb5.conf={_kerberos.ConfigurationFile}",

                // super:test
                "-Dzookeeper.DigestAuthenticationProvider.superDigest=super:D/InIHSb7yEEbrWz8b9l71RjZJU=",
            ]);
    }

    public async ValueTask DisposeAsync()
    {
        await _zooKeeper.DisposeAsync();
        await _kerberos.DisposeAsync();
    }

    [Fact]
    public async Task A_keytab_gives_an_identity_that_owns_what_it_creates_and_strangers_are_kept_out()
    {
        Assert.Equal((0, ""), await RunAsync(Client, "localhost", "cluster", "create", "orders", "--shard", "a=localhost:1"));
        Assert.Equal((0, ""), await RunAsync(Client, "localhost", "cluster", "show", "orders"));

        await using var stranger = await ZooKeeper.ZooKeeperClient.ConnectAsync(SecureClients.Options(_zooKeeper.ConnectString));
        var refused = await Assert.ThrowsAsync<ZooKeeperException>(() => stranger.GetDataAsync("/goreclusters/orders").AsTask());
        Assert.Equal(ZooKeeperErrorCode.NoAuth, refused.Code);
        await using var super = await ZooKeeper.ZooKeeperClient.ConnectAsync(SecureClients.Options(_zooKeeper.ConnectString) with { DigestCredentials = "super:test" });
        Assert.Equal([Acl.Sasl($"{Client}@{KerberosServer.Realm}")], (await super.GetAclAsync("/goreclusters/orders")).Acl);
    }

    [Fact]
    public async Task Without_a_ticket_or_a_service_that_the_KDC_knows_the_message_says_what_to_get()
    {
        var outcomes = await Task.WhenAll(
            RunAsync(keytab: null, "localhost", "cluster", "show", "orders"),
            RunAsync(Client, "127.0.0.1", "cluster", "show", "orders"));

        Assert.Equal([1, 1], outcomes.Select(static outcome => outcome.ExitCode));
        Assert.Contains("SASL GSSAPI failed: the system gives no Kerberos token for zookeeper/localhost", outcomes[0].Error, StringComparison.Ordinal);
        Assert.Contains("SASL GSSAPI failed: the system gives no Kerberos token for zookeeper/127.0.0.1", outcomes[1].Error, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Error)> RunAsync(string? keytab, string host, params string[] command)
    {
        var environment = new Dictionary<string, string>
        {
            ["KRB5_CONFIG"] = _kerberos.ConfigurationFile,
            ["KRB5CCNAME"] = $"FILE:{Path.Combine(_kerberos.Folder, $"tickets-{Guid.NewGuid():n}")}",
            ["KRB5_CLIENT_KTNAME"] = keytab is null ? Path.Combine(_kerberos.Folder, "none.keytab") : _kerberos.KeytabOf(keytab),
        };
        await using var process = await CliProcess.StartAsync(environment, [.. command, "--zookeeper", $"{host}:{_zooKeeper.Port}", "--zookeeper-kerberos"]);
        var (code, _, error) = await process.WaitAsync();
        return (code, error);
    }
}
