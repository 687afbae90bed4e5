using System.Diagnostics;
using System.Net;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

/// <summary>Options of TLS and SASL: what is refused at once, and what is never shown.</summary>
public sealed class SecurityOptionsTests
{
    public static TheoryData<ZooKeeperTlsOptions, string> Contradictions => new()
    {
        { new ZooKeeperTlsOptions { KeyFile = "k.pem" }, "KeyFile is given and CertificateFile is not" },
        { new ZooKeeperTlsOptions { TargetHost = " " }, "TargetHost is blank" },
        { new ZooKeeperTlsOptions { TrustedRoots = [] }, "TrustedRoots is empty" },
        { new ZooKeeperTlsOptions { TrustedRootsFile = "/nowhere/ca.pem" }, "TrustedRootsFile names /nowhere/ca.pem" },
        { new ZooKeeperTlsOptions { CertificateFile = "/nowhere/c.pem" }, "CertificateFile names /nowhere/c.pem" },
    };

    [Theory]
    [MemberData(nameof(Contradictions), DisableDiscoveryEnumeration = true)]
    public void TLS_that_cannot_work_is_refused_when_the_client_is_opened(ZooKeeperTlsOptions tls, string why)
    {
        var failure = Assert.Throws<ArgumentException>(() => RingKeeper.ZooKeeper.ZooKeeperClient.Open(new ZooKeeperClientOptions { ConnectString = "h", Tls = tls }));

        Assert.Contains($"ZooKeeperTlsOptions.{why}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Kerberos_without_a_service_is_refused_when_the_client_is_opened() =>
        Assert.Contains("ServiceName", Assert.Throws<ArgumentException>(() => RingKeeper.ZooKeeper.ZooKeeperClient.Open(new ZooKeeperClientOptions { ConnectString = "h", Sasl = new KerberosSaslOptions { ServiceName = "" } })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "p")]
    [InlineData("u", "")]
    public void A_digest_needs_user_and_password(string user, string password) =>
        Assert.Throws<ArgumentException>(() => new DigestMd5SaslOptions(user, password));

    [Fact]
    public void Descriptions_hold_no_secret_and_debuggers_are_not_shown_it()
    {
        var options = new ZooKeeperClientOptions
        {
            ConnectString = "h",
            DigestCredentials = "alice:s3cret",
            Sasl = new DigestMd5SaslOptions("bob", "s3cret"),
            Tls = new ZooKeeperTlsOptions { CertificateFile = "c.pem", KeyPassword = "s3cret" },
        };

        foreach (var described in new object[] { options, options.Sasl, options.Tls, new KerberosSaslOptions() })
        {
            Assert.DoesNotContain("s3cret", described.ToString(), StringComparison.Ordinal);
        }

        Assert.Contains("DIGEST-MD5 as bob", options.ToString(), StringComparison.Ordinal);
        Assert.Contains("GSSAPI to zookeeper/HOST", new KerberosSaslOptions().ToString(), StringComparison.Ordinal);
        object[] settings = [new ZKConnectorOptions { ZKServers = "zk", DigestCredentials = "bob:s3cret" }, new RingKeeperOptions { DigestCredentials = "bob:s3cret" }];
        foreach (var target in (object[])[options, options.Sasl, options.Tls, .. settings])
        {
            var holders = target.GetType().GetMembers(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                .Where(member => (member is PropertyInfo { CanRead: true } property ? property.GetValue(target) : member is FieldInfo field ? field.GetValue(target) : null) is string text && text.Contains("s3cret", StringComparison.Ordinal))
                .ToList();
            Assert.NotEmpty(holders);
            Assert.All(holders, static member => Assert.Equal(DebuggerBrowsableState.Never, member.GetCustomAttribute<DebuggerBrowsableAttribute>()?.State));
        }
    }

    [Fact]
    public void Equal_credentials_are_equal_options_and_others_are_not()
    {
        Assert.Equal(new DigestMd5SaslOptions("bob", "s3cret"), new DigestMd5SaslOptions("bob", "s3cret"));
        Assert.NotEqual(new DigestMd5SaslOptions("bob", "s3cret"), new DigestMd5SaslOptions("bob", "other"));
    }

    [Fact]
    public void ACLs_are_written_as_the_servers_read_them()
    {
        Assert.Equal(new Acl(AclPermissions.Read, "sasl", "app@EXAMPLE.ORG"), Acl.Sasl("app@EXAMPLE.ORG", AclPermissions.Read));
        Assert.Equal(new Acl(AclPermissions.All, "x509", "CN=app,OU=shop"), Acl.X509("CN=app,OU=shop"));
        Assert.Equal(new Acl(AclPermissions.All, "ip", "10.1.0.0/16"), Acl.Ip(IPNetwork.Parse("10.1.0.0/16")));
        Assert.Equal(new Acl(AclPermissions.All, "ip", "10.1.2.3"), Acl.Ip(new IPNetwork(IPAddress.Parse("10.1.2.3"), 32)));
        Assert.Equal(new Acl(AclPermissions.All, "ip", "::1"), Acl.Ip(new IPNetwork(IPAddress.IPv6Loopback, 128)));
    }

    [Fact]
    public void Revocation_is_not_asked_for_unless_wanted() => Assert.Equal(X509RevocationMode.NoCheck, new ZooKeeperTlsOptions().RevocationMode);
}
