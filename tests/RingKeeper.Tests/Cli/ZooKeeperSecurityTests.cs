using System.Text;
using RingKeeper.Cli;
using RingKeeper.Cli.Commands;
using RingKeeper.Cli.Configuration;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.Tests.Cli;

/// <summary>How the command is told of TLS and SASL to ZooKeeper.</summary>
public sealed class ZooKeeperSecurityTests : IDisposable
{
    private readonly CliRun _cli = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ringkeeper-security-");

    public void Dispose()
    {
        _cli.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Without_a_word_there_is_neither()
    {
        var access = await AccessAsync("cluster show c");

        Assert.Equal((null, null), (access.Tls, access.Sasl));
    }

    [Fact]
    public async Task A_switch_or_a_name_turns_TLS_on()
    {
        Assert.Equal(new ZooKeeperTlsOptions(), (await AccessAsync("cluster show c --zookeeper-tls")).Tls);
        Assert.Equal(new ZooKeeperTlsOptions { TargetHost = "zk.test" }, (await AccessAsync("cluster show c --zookeeper-host-name zk.test")).Tls);
        Assert.IsType<KerberosSaslOptions>((await AccessAsync("cluster show c --zookeeper-kerberos")).Sasl);
    }

    [Fact]
    public async Task A_user_with_a_password_comes_from_the_environment_and_the_environment_before_the_file()
    {
        var file = Write("""{ "zookeeper": { "tls": { "hostName": "file.test" }, "sasl": { "user": "filed", "password": "s3cret" } } }""");
        Assert.Equal(new DigestMd5SaslOptions("filed", "s3cret"), (await AccessAsync($"cluster show c --config {file}")).Sasl);
        Assert.Equal("file.test", (await AccessAsync($"cluster show c --config {file}")).Tls!.TargetHost);
        Assert.Equal("option.test", (await AccessAsync($"cluster show c --config {file} --zookeeper-host-name option.test")).Tls!.TargetHost);

        _cli.Variables["RINGKEEPER_ZOOKEEPER_SASL"] = "bob:with:colon";

        Assert.Equal(new DigestMd5SaslOptions("bob", "with:colon"), (await AccessAsync($"cluster show c --config {file}")).Sasl);
    }

    [Fact]
    public async Task A_variable_that_is_no_user_with_a_password_is_refused_and_not_quoted()
    {
        _cli.Variables["RINGKEEPER_ZOOKEEPER_SASL"] = "hunter2";

        Assert.Equal(2, await _cli.ParseAsync("cluster show c"));

        Assert.Contains("RINGKEEPER_ZOOKEEPER_SASL must be written as user:password", _cli.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--zookeeper-ca /nowhere/ca.pem", "--zookeeper-ca names /nowhere/ca.pem")]
    [InlineData("--zookeeper-cert /nowhere/c.pem", "--zookeeper-cert names /nowhere/c.pem")]
    [InlineData("--zookeeper-key /nowhere/k.pem", "--zookeeper-key is given and --zookeeper-cert is not")]
    public async Task A_file_that_cannot_be_used_is_told_by_its_option(string option, string told)
    {
        Assert.Equal(2, await _cli.ParseAsync($"cluster show c {option}"));

        Assert.Contains(told, _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "sasl": { "user": "bob" } }""", "zookeeper.sasl.password: give the password of the user")]
    [InlineData("""{ "sasl": { "password": "hunter2" } }""", "zookeeper.sasl.user: give user and password, or kerberos")]
    [InlineData("""{ "sasl": {} }""", "zookeeper.sasl.user: give user and password, or kerberos")]
    [InlineData("""{ "sasl": { "kerberos": {}, "user": "bob" } }""", "zookeeper.sasl.kerberos: it takes no user")]
    [InlineData("""{ "tls": { "insecure": true } }""", "there is no field zookeeper.tls.insecure")]
    [InlineData("""{ "tls": { "ca": "" } }""", "zookeeper.tls.ca: it is empty")]
    public void Wrong_fields_are_told_and_secrets_are_not(string zooKeeper, string told)
    {
        var failure = Assert.Throws<CliUsageException>(() => Read(zooKeeper));

        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_are_read_and_passwords_make_the_file_secret()
    {
        var read = Read("""{ "tls": { "ca": "ca.pem", "certificate": "c.pem", "key": "k.pem", "hostName": "h" }, "sasl": { "kerberos": { "service": "zk", "host": "h@R" } } }""");

        Assert.Equal(new ZooKeeperTlsOptions { TrustedRootsFile = "ca.pem", CertificateFile = "c.pem", KeyFile = "k.pem", TargetHost = "h" }, read.ZooKeeperTls);
        Assert.Equal(new KerberosSaslOptions { ServiceName = "zk", ServiceHost = "h@R" }, read.ZooKeeperSasl);
        Assert.False(read.HasSecrets);
        Assert.True(Read("""{ "tls": { "keyPassword": "s3cret" } }""").HasSecrets);
        Assert.True(Read("""{ "sasl": { "user": "bob", "password": "s3cret" } }""").HasSecrets);
    }

    [Fact]
    public async Task Commands_that_talk_to_no_ZooKeeper_refuse_the_options()
    {
        Assert.Equal(2, await _cli.ParseAsync("ring verify x --zookeeper-tls"));

        Assert.Contains("--zookeeper-tls means nothing to 'ring verify'", _cli.Error, StringComparison.Ordinal);
    }

    private static CliConfiguration Read(string zooKeeper) => ConfigurationReader.Read("f.json", Encoding.UTF8.GetBytes($$"""{ "zookeeper": {{zooKeeper}} }"""));

    private async Task<ZooKeeperAccess> AccessAsync(string line)
    {
        Assert.Equal(0, await _cli.ParseAsync(line));
        return Assert.IsType<ShowClusterRequest>(_cli.Request).ZooKeeper;
    }

    private string Write(string json)
    {
        var file = Path.Combine(_folder.FullName, "c.json");
        File.WriteAllText(file, json);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return file;
    }
}
