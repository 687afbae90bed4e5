using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using RingKeeper.Cli;
using RingKeeper.Cli.Configuration;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.Tests.Cli;

public sealed class ConfigurationReaderTests
{
    private const string Full =
        """
        {
          // Where ZooKeeper is, and as whom.
          "zookeeper": { "servers": ["zk1:2181", "zk2:2181/app"], "user": "ops", "password": "hunter2:,", "sessionTimeout": "6s" },
          "redis": { "user": "app", "password": "with,comma=", "ssl": true, "connectTimeout": 700 },
          "checker": { "cluster": "orders", "id": "web-1", "interval": "500ms", "threshold": "1.5s", "workers": 8, "http": ":8080" },
          "log": { "level": "debug", "format": "json", },
        }
        """;

    [Fact]
    public void Every_field_is_read()
    {
        var read = Read(Full);

        Assert.Equal(("zk1:2181,zk2:2181/app", "ops:hunter2:,", TimeSpan.FromSeconds(6)), (read.ZooKeeperServers, read.ZooKeeperDigest, read.SessionTimeout));
        Assert.Equal(("orders", TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1.5), 8), (read.Cluster, read.Interval, read.Threshold, read.WorkerCount));
        Assert.Equal((new IPEndPoint(IPAddress.Loopback, 8080), LogLevel.Debug, LogFormat.Json), (read.Http, read.LogLevel, read.LogFormat));
        var redis = new ConfigurationOptions();
        read.Redis!.Apply(redis);
        Assert.Equal(("app", "with,comma=", true, 700), (redis.User, redis.Password, redis.Ssl, redis.ConnectTimeout));
        Assert.True(read.HasSecrets);
        Assert.DoesNotContain("hunter2", read.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", false)]
    [InlineData("""{ "redis": "user=app,ssl=true", "zookeeper": { "servers": "z:1" } }""", false)]
    [InlineData("""{ "redis": "user=app,password=p" }""", true)]
    [InlineData("""{ "redis": { "password": "p" } }""", true)]
    [InlineData("""{ "zookeeper": { "digest": "u:p" } }""", true)]
    public void Secrets_are_what_makes_a_file_secret(string json, bool secret) => Assert.Equal(secret, Read(json).HasSecrets);

    [Theory]
    [InlineData("""{ "zokeeper": {} }""", "there is no field zokeeper. Known here are: zookeeper, checker, log, redis.")]
    [InlineData("""{ "checker": { "treshold": "2s" } }""", "there is no field checker.treshold. Known in checker are: cluster, id, interval, threshold, workers, http.")]
    [InlineData("""{ "redis": { "passwort": "hunter2" } }""", "there is no field redis.passwort. Known in redis are: user, password, ssl, ")]
    [InlineData("""{ "checker": { "interval": "soon" } }""", "checker.interval: 'soon' is not a duration")]
    [InlineData("""{ "checker": { "interval": 5 } }""", "checker.interval: write a text")]
    [InlineData("""{ "checker": { "workers": 0 } }""", "checker.workers: write a number of at least 1")]
    [InlineData("""{ "checker": { "workers": "4" } }""", "checker.workers: write a number")]
    [InlineData("""{ "checker": { "cluster": "a/b" } }""", "checker.cluster: 'a/b'")]
    [InlineData("""{ "checker": { "http": "8080" } }""", "checker.http: '8080'")]
    [InlineData("""{ "checker": { "workers": 1, "workers": 2 } }""", "checker.workers: it is given twice")]
    [InlineData("""{ "log": { "level": "loud" } }""", "log.level: 'loud' is none of trace, debug,")]
    [InlineData("""{ "log": { "format": "xml" } }""", "log.format: 'xml' is none of text, json")]
    [InlineData("""{ "log": [] }""", "log must be an object")]
    [InlineData("[]", "the whole must be an object")]
    [InlineData("""{ "zookeeper": { "servers": "z:1:2" } }""", "zookeeper.servers: ")]
    [InlineData("""{ "zookeeper": { "servers": "ops:hunter2@z:1" } }""", "zookeeper.servers: The ZooKeeper servers hold an '@'")]
    [InlineData("""{ "zookeeper": { "digest": "hunter2" } }""", "zookeeper.digest: write user:password")]
    [InlineData("""{ "zookeeper": { "digest": ["hunter2"] } }""", "zookeeper.digest: write a text")]
    [InlineData("""{ "zookeeper": { "digest": "a:b", "password": "hunter2" } }""", "zookeeper.digest: give either")]
    [InlineData("""{ "zookeeper": { "password": "hunter2" } }""", "zookeeper.user: give the user")]
    [InlineData("""{ "zookeeper": { "user": "ops" } }""", "zookeeper.password: give the password")]
    [InlineData("""{ "zookeeper": { "user": "o:ps", "password": "hunter2" } }""", "zookeeper.user: it cannot hold a colon")]
    [InlineData("""{ "redis": "hunter2" }""", "redis contains something other than name=value")]
    [InlineData("""{ "redis": "hunter2=x" }""", "redis contains a setting that is not taken")]
    [InlineData("""{ "redis": { "ssl": "hunter2" } }""", "redis: the value of ssl cannot be read")]
    [InlineData("""{ "redis": { "password": ["hunter2"] } }""", "redis.password: write a text")]
    [InlineData("""{ "redis": { "caFile": "/nowhere/ca.pem" } }""", "redis names files for TLS, which mean nothing without ssl=true")]
    [InlineData("""{ "redis": { "ssl": true, "caFile": "/nowhere/ca.pem" } }""", "redis: the caFile /nowhere/ca.pem cannot be read")]
    [InlineData("""{ "redis": { "ssl": true, "keyFile": "/nowhere/key.pem" } }""", "redis has a keyFile and no certificateFile")]
    [InlineData("{ \"zookeeper\":\n { \"digest\": hunter2 } }", "line 2, byte 14: this is not JSON")]
    [InlineData("", "line 1, byte 1: this is not JSON")]
    public void What_is_wrong_names_file_and_field_and_quotes_no_secret(string json, string why)
    {
        var refused = Assert.Throws<CliUsageException>(() => Read(json));

        Assert.StartsWith("/etc/rk.json: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
    }

    private static CliConfiguration Read(string json) => ConfigurationReader.Read("/etc/rk.json", Encoding.UTF8.GetBytes(json));
}
