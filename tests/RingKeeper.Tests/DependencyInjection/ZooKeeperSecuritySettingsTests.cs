using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.DependencyInjection;

/// <summary>How a container is told of TLS and SASL to ZooKeeper.</summary>
public sealed class ZooKeeperSecuritySettingsTests
{
    [Fact]
    public async Task Settings_reach_clusters_and_checkers()
    {
        await using var provider = Build("""{ "ZKTls": { "Enabled": true, "TargetHost": "zk.test" }, "ZKSasl": { "User": "bob", "Password": "s3cret" } }""");
        var map = provider.GetRequiredService<OptionsMap>();

        foreach (var connector in new[] { map.ToConnector(""), map.ToChecker("") })
        {
            Assert.Equal(new ZooKeeperTlsOptions { TargetHost = "zk.test" }, connector.Tls);
            Assert.Equal(new DigestMd5SaslOptions("bob", "s3cret"), connector.Sasl);
            Assert.Equal(Acl.CreatorOnly, connector.ToClientOptions().DefaultAcl);
            Assert.Equal((connector.Tls, connector.Sasl), (connector.ToClientOptions().Tls, connector.ToClientOptions().Sasl));
        }

        Assert.DoesNotContain("s3cret", $"{map.Read("")}{map.ToConnector("")}{map.ToConnector("").ToClientOptions()}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kerberos_and_empty_settings_are_read()
    {
        await using var kerberos = Build("""{ "ZKSasl": { "Kerberos": true, "ServiceName": "zk", "ServiceHost": "h@R" } }""");
        await using var none = Build("""{ "ZKTls": { "Enabled": false, "TrustedRootsFile": "" }, "ZKSasl": { "User": "" } }""");

        Assert.Equal(new KerberosSaslOptions { ServiceName = "zk", ServiceHost = "h@R" }, kerberos.GetRequiredService<OptionsMap>().ToConnector("").Sasl);
        Assert.Equal((null, null), (none.GetRequiredService<OptionsMap>().ToConnector("").Tls, none.GetRequiredService<OptionsMap>().ToConnector("").Sasl));
    }

    [Theory]
    [InlineData("""{ "ZKTls": { "TrustedRootsFile": "/nowhere/ca.pem" } }""", "RingKeeper:ZKTls:TrustedRootsFile names /nowhere/ca.pem")]
    [InlineData("""{ "ZKTls": { "KeyFile": "/nowhere/k.pem" } }""", "RingKeeper:ZKTls:KeyFile is given")]
    [InlineData("""{ "ZKTls": { "Insecure": true } }""", "RingKeeper:ZKTls:Insecure is not a setting")]
    [InlineData("""{ "ZKSasl": { "User": "bob" } }""", "RingKeeper:ZKSasl needs both User and Password")]
    [InlineData("""{ "ZKSasl": { "Password": "hunter2" } }""", "RingKeeper:ZKSasl needs both User and Password")]
    [InlineData("""{ "ZKSasl": { "Kerberos": true, "User": "bob", "Password": "hunter2" } }""", "RingKeeper:ZKSasl asks for Kerberos")]
    [InlineData("""{ "ZKSasl": { "ServiceName": "zk" } }""", "RingKeeper:ZKSasl names a service")]
    public async Task What_cannot_work_is_told_by_its_setting_when_the_host_starts(string settings, string told)
    {
        await using var provider = Build(settings);

        var failure = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<IStartupValidator>().Validate);

        Assert.Contains(failure.Failures, flaw => flaw.StartsWith(told, StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", failure.ToString(), StringComparison.Ordinal);
    }

    private static ServiceProvider Build(string settings)
    {
        var json = $$"""{ "RingKeeper": { "ZKServers": "zk1", "ClusterName": "orders", {{settings.Trim()[1..^1]}} } }""";
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddRingKeeper(new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build().GetSection("RingKeeper"));
        return services.BuildServiceProvider();
    }
}
