using RingKeeper.Cli.Documents;
using Xunit;

namespace RingKeeper.Tests.Cli;

public sealed class TwemproxyPoolTests
{
    private const string Pool = """
        alpha:
          listen: 127.0.0.1:22121
          hash: murmur
          hash_tag: "{}"
          distribution: ketama
          auto_eject_hosts: true
          redis: true
          redis_auth: s3cret-&*!
          redis_db: 2
          timeout: 400
          server_retry_timeout: 2000
          servers:
           - 10.0.0.1:6379:1 server10
           - 10.0.0.2:6379:3 server2
        """;

    [Fact]
    public void A_pool_becomes_a_cluster_that_places_keys_alike()
    {
        var pool = Read(Pool);

        Assert.Equal(("alpha", "alpha"), (pool.Name, pool.Cluster.Name));
        Assert.Equal(
            new ZKClusterOptions { FailoverEnabled = true, RingType = "Ketama", RingParams = "160", HashTag = "{}", KeyHash = "murmur", ExpectedCheckers = 5 },
            pool.Cluster.Options);
        Assert.Equal([new Shard("server2", "10.0.0.2:6379") { Weight = 3 }, new Shard("server10", "10.0.0.1:6379")], pool.Cluster.Shards);
    }

    [Fact]
    public void What_does_not_come_along_is_told_with_its_line()
    {
        var notes = Read(Pool).Notes;

        Assert.Equal(
            [("listen", 2), ("auto_eject_hosts", 6), ("redis_auth", 8), ("redis_db", 9), ("timeout", 10), ("server_retry_timeout", 11), ("servers", 12)],
            notes.Select(note => (note.Setting, note.Line)));
        Assert.All(notes, note => Assert.DoesNotContain("s3cret", note.Text, StringComparison.Ordinal));
        Assert.Contains("RINGKEEPER_REDIS", notes[2].Text, StringComparison.Ordinal);
        Assert.Contains("the heirs of a key differ", notes[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_left_out_is_as_in_nutcracker()
    {
        var pool = Read("beta:\n  listen: 127.0.0.1:1\n  redis: true\n  servers:\n  - h:6379:1\n");

        Assert.Equal(
            new ZKClusterOptions { FailoverEnabled = false, RingType = "Ketama", RingParams = "160", KeyHash = "fnv1a_64", ExpectedCheckers = 5 }, pool.Cluster.Options);
        Assert.Equal(("auto_eject_hosts", 1), (pool.Notes[0].Setting, pool.Notes[0].Line));
    }

    [Theory]
    [InlineData("10.0.0.1:6379:1", "10.0.0.1:6379", "10.0.0.1:6379", 1)]
    [InlineData("10.0.0.1:06379:007", "10.0.0.1:06379", "10.0.0.1:6379", 7)]
    [InlineData("10.0.0.1:11211:1", "10.0.0.1", "10.0.0.1:11211", 1)]
    [InlineData("10.0.0.1:11211:1 named", "named", "10.0.0.1:11211", 1)]
    [InlineData("cache.example:6379:100000 a:b", "a:b", "cache.example:6379", 100000)]
    [InlineData("fe80::1:6379:2", "fe80::1:6379", "[fe80::1]:6379", 2)]
    [InlineData("\"10.0.0.1:6379:1 größe\"", "größe", "10.0.0.1:6379", 1)]
    public void A_server_is_named_by_what_nutcracker_hashes(string server, string name, string addr, int weight) =>
        Assert.Equal([new Shard(name, addr) { Weight = weight }], Read($"p:\n  redis: true\n  servers:\n   - {server}\n").Cluster.Shards);

    [Theory]
    [InlineData("hash: murmur", "hash: sha1", 3, "hash 'sha1' is none of nutcracker's")]
    [InlineData("distribution: ketama", "distribution: modula", 5, "'modula' takes a key's hash modulo")]
    [InlineData("distribution: ketama", "distribution: random", 5, "'random' sends a key to any server")]
    [InlineData("distribution: ketama", "distribution: ring", 5, "none of nutcracker's")]
    [InlineData("redis: true", "redis: false", 7, "memcached")]
    [InlineData("  redis: true\n", "", 1, "memcached")]
    [InlineData("redis: true", "redis: yes", 7, "redis must be true or false")]
    [InlineData("timeout: 400", "timeout: soon", 10, "timeout must be a whole number")]
    [InlineData("timeout: 400", "timeout: [400]", 10, "timeout must be a single value")]
    [InlineData("timeout: 400", "time_out: 400", 10, "time_out is not a setting of nutcracker")]
    [InlineData("timeout: 400", "hash: md5", 10, "hash is given twice")]
    [InlineData("redis_auth: s3cret-&*!", "redis_auth: &s3cret a", 8, "anchors (&)")]
    [InlineData("redis_auth: s3cret-&*!", "redis_auth: *s3cret", 8, "aliases (*)")]
    [InlineData("redis_auth: s3cret-&*!", "redis_auth: !s3cret", 8, "tags (!)")]
    [InlineData("redis_auth: s3cret-&*!", "redis_auth: !<s3cret> a", 8, "")]
    [InlineData("redis_auth: s3cret-&*!", "redis_auth: @s3cret", 8, "this is not YAML")]
    [InlineData("redis_auth: s3cret-&*!", "redis_auth: [s3cret]", 8, "redis_auth must be a single value")]
    [InlineData("redis_auth: s3cret-&*!", "redis_auth: \"s3cret\\q\"", 8, "this is not YAML")]
    [InlineData("redis_auth: s3cret-&*!", "redis_oath: s3cret", 8, "redis_oath is not a setting")]
    [InlineData("hash_tag: \"{}\"", "hash_tag: {}", 4, "hash_tag must be a single value")]
    [InlineData("hash_tag: \"{}\"", "hash_tag: \"{\"", 4, "two printable characters")]
    [InlineData("hash_tag: \"{}\"", "hash_tag: \"\"", 4, "two printable characters")]
    [InlineData("server2", "server10", 14, "server 'server10' is given twice")]
    [InlineData("10.0.0.2", "10.0.0.1", 14, "the address 10.0.0.1:6379 is given twice")]
    [InlineData("10.0.0.2:6379:3", "/tmp/redis.sock:3", 14, "is a unix socket")]
    [InlineData("10.0.0.2:6379:3", "10.0.0.2:6379", 14, "is not written as host:port:weight")]
    [InlineData("10.0.0.2:6379:3", "10.0.0.2:6379:0", 14, "weight of server")]
    [InlineData("10.0.0.2:6379:3", "10.0.0.2:6379:100001", 14, "weight of server")]
    [InlineData("10.0.0.2:6379:3", "10.0.0.2:6379:3 a", 14, "weight of server")]
    [InlineData("10.0.0.2:6379:3", "10.0.0.2:0:3", 14, "port of server")]
    [InlineData("10.0.0.2:6379:3", ":6379:3", 14, "is not written as host:port:weight")]
    [InlineData("10.0.0.2:6379:3", "a@b:6379:3", 14, "the address of server")]
    [InlineData(" - 10.0.0.2:6379:3 server2", " - [a]", 14, "a server must be written as")]
    public void What_cannot_be_taken_is_told_with_its_line_and_no_password(string good, string bad, int line, string named)
    {
        var text = Pool.Replace(good, bad, StringComparison.Ordinal);
        Assert.NotEqual(Pool, text);

        var flaw = Assert.Throws<RingKeeperException>(() => Read(text));

        Assert.StartsWith($"n.yml, line {line}", flaw.Message, StringComparison.Ordinal);
        Assert.Contains(named, flaw.Message, StringComparison.Ordinal);
        for (Exception? e = flaw; e is not null; e = e.InnerException)
        {
            Assert.DoesNotContain("s3cret", e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("p:\n  redis: true\n  servers: none", "n.yml, line 3: servers must be a list")]
    [InlineData("p:\n  redis: true", "n.yml, line 1: pool 'p' has no servers")]
    [InlineData("p:\n  redis: true\n  servers: []", "A cluster needs at least one shard")]
    [InlineData("p: none", "n.yml, line 1: pool 'p' must be names with values")]
    public void A_pool_without_servers_is_refused(string text, string named) =>
        Assert.Contains(named, Assert.Throws<RingKeeperException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("just a text")]
    [InlineData("{}")]
    [InlineData("a: {redis: true}\n---\nb: {redis: true}\n")]
    public void A_file_of_another_kind_is_refused(string text) =>
        Assert.Contains("not a configuration of nutcracker", Assert.Throws<RingKeeperException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_several_pools_one_must_be_chosen()
    {
        var text = $"{Pool}\nbeta:\n  redis: true\n  servers:\n   - h:1:1\nmem:\n  servers:\n   - h:1:1\n";

        Assert.Equal("n.yml has 3 pools; choose one with --pool: alpha, beta, mem.", Assert.Throws<RingKeeperException>(() => Read(text)).Message);
        Assert.Equal("n.yml has no pool 'gamma'. It has: alpha, beta, mem.", Assert.Throws<RingKeeperException>(() => Read(text, "gamma")).Message);
        Assert.Equal("beta", Read(text, "beta").Cluster.Name);
        Assert.Contains("memcached", Assert.Throws<RingKeeperException>(() => Read(text, "mem")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pool_whose_name_no_cluster_can_have_needs_another()
    {
        var text = Pool.Replace("alpha:", "my pool:", StringComparison.Ordinal);

        var flaw = Assert.Throws<RingKeeperException>(() => Read(text));
        Assert.StartsWith("n.yml, line 1: The cluster name 'my pool'", flaw.Message, StringComparison.Ordinal);
        Assert.EndsWith("with --name.", flaw.Message, StringComparison.Ordinal);
        Assert.Equal("mine", TwemproxyPool.Read("n.yml", text, null, "mine", 5).Cluster.Name);
    }

    private static TwemproxyPool Read(string text, string? pool = null) => TwemproxyPool.Read("n.yml", text, pool, null, 5);
}
