using System.Text;
using System.Text.Json;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Ring;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper.Embedded;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Cli;

/// <summary>Imports the very file that a real nutcracker runs with, and looks where the keys it was given lie.</summary>
public sealed class ImportTwemproxyCommandTests(RedisServers redis) : IClassFixture<RedisServers>, IAsyncLifetime
{
    private EmbeddedZooKeeperServer _server = null!;
    private CliCommand _cli = null!;

    public static TheoryData<NutcrackerPool> Pools =>
    [
        new NutcrackerPool { Names = "server10,server9,a" },
        new NutcrackerPool { Names = "", Hash = "md5" },
        new NutcrackerPool { Weights = "3,1,4,1,5", Names = "ab,b,aaa,,cc", Hash = "murmur" },
        new NutcrackerPool { HashTag = "{}", Hash = "jenkins", Weights = "10,1,7" },
        new NutcrackerPool { Hash = "hsieh", Weights = "2,2,2,2,2", Names = "e,d,c,b,a" },
    ];

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedZooKeeperServer.StartAsync();
        _cli = new CliCommand(_server.ConnectString);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Pools))]
    public async Task Every_key_lies_where_the_imported_cluster_says(NutcrackerPool pool)
    {
        var servers = NutcrackerPool.ServersOf(pool.ShardsAt([.. redis.All.Select(server => server.Addr)]));
        await using var nutcracker = await NutcrackerServer.StartAsync([.. pool.Settings(), "timeout: 2000", "auto_eject_hosts: false"], servers, TestContext.Current.CancellationToken);
        var cluster = await ImportAsync(nutcracker);
        var ring = cluster.Options.CreateRingBuilder().Build(cluster.Shards);
        var keys = NutcrackerTests.Keys().ToList();

        var places = await PlacesAsync(nutcracker, keys);

        Assert.Equal(2_000, places.Count);
        var wrong = keys.Where(key => places[Convert.ToHexString(key)] != cluster.Shards[ring.GetOwner(key)].Addr).ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {keys.Count} keys lie elsewhere, such as {string.Join(", ", wrong.Take(5).Select(Convert.ToHexString))}");
        await LocateAgreesAsync([.. Enumerable.Range(0, 20).Select(i => $"user:{i * 8}")], places);
    }

    [Fact]
    public async Task Where_points_coincide_the_order_is_that_of_nutcracker_and_not_that_of_the_file()
    {
        // Found by trying names: one point of each is the same, and one key in a hundred falls on it.
        Shard[] inFile = [new("s4968", redis.All[0].Addr), new("s704", redis.All[1].Addr)];
        await using var nutcracker = await NutcrackerServer.StartAsync(["hash: crc32a"], NutcrackerPool.ServersOf(inFile), TestContext.Current.CancellationToken);
        var cluster = await ImportAsync(nutcracker);
        var builder = cluster.Options.CreateRingBuilder();
        var (ring, other) = (builder.Build(cluster.Shards), builder.Build(inFile));
        var keys = Enumerable.Range(0, 20_000).Select(i => Encoding.ASCII.GetBytes($"k{i}"))
            .Where(key => cluster.Shards[ring.GetOwner(key)].Name != inFile[other.GetOwner(key)].Name).ToList();

        var places = await PlacesAsync(nutcracker, keys);

        Assert.InRange(keys.Count, 100, 400);
        Assert.All(keys, key => Assert.Equal(cluster.Shards[ring.GetOwner(key)].Addr, places[Convert.ToHexString(key)]));
    }

    [Fact]
    public async Task A_nameless_server_at_the_port_of_memcached_is_placed_by_its_host_alone()
    {
        // Nobody listens there, so exactly its keys fail.
        const string Host = "127.83.112.11";
        string[] servers = [$"{Host}:11211:1", $"{redis.All[0].Addr}:1", $"{redis.All[1].Addr}:1 named"];
        await using var nutcracker = await NutcrackerServer.StartAsync([], servers, TestContext.Current.CancellationToken);
        var cluster = await ImportAsync(nutcracker);
        var ring = cluster.Options.CreateRingBuilder().Build(cluster.Shards);
        await using var proxy = await ConnectionMultiplexer.ConnectAsync($"{nutcracker.Addr},proxy=Twemproxy");

        foreach (var i in Enumerable.Range(0, 500))
        {
            var fails = false;
            try
            {
                await proxy.GetDatabase().StringSetAsync($"k{i}", "x");
            }
            catch (RedisServerException)
            {
                fails = true;
            }

            Assert.Equal(fails, cluster.Shards[ring.GetOwner(Encoding.ASCII.GetBytes($"k{i}"))].Name == Host);
        }
    }

    [Fact]
    public async Task A_dry_run_needs_no_ZooKeeper_and_its_document_can_be_applied()
    {
        using var folder = new TemporaryFolder("import");
        var file = folder.Combine("n.yml");
        await File.WriteAllTextAsync(file, "alpha:\n  redis: true\n  redis_auth: s3cret\n  servers:\n   - 10.0.0.1:6379:2 a\nbeta:\n  redis: true\n  servers:\n   - 10.0.0.2:6379:1\n", TestContext.Current.CancellationToken);

        var nowhere = new CliCommand("");
        var several = await nowhere.RunAsync("cluster", "import", "twemproxy", file, "--dry-run");
        Assert.Equal((1, ""), (several.Code, several.Output));
        Assert.Contains("--pool: alpha, beta", several.Error, StringComparison.Ordinal);
        var dry = await nowhere.RunAsync("cluster", "import", "twemproxy", file, "--pool", "alpha", "--dry-run");
        Assert.Equal(0, dry.Code);
        Assert.Contains("n.yml, line 3: redis_auth: not carried over", dry.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", dry.Error + dry.Output, StringComparison.Ordinal);

        Assert.Equal(0, (await _cli.RunAsync(new StringReader(dry.Output), false, "cluster", "apply", "-f", "-")).Code);
        var (_, output, _) = await _cli.RunAsync("cluster", "import", "twemproxy", file, "--pool", "alpha", "--name", "other", "--json");
        using var json = JsonDocument.Parse(output);
        Assert.Equal(("alpha", "other", true), (json.RootElement.GetProperty("pool").GetString(), json.RootElement.GetProperty("name").GetString(), json.RootElement.GetProperty("created").GetBoolean()));
        Assert.DoesNotContain("s3cret", output, StringComparison.Ordinal);
        var applied = (await _cli.RunAsync("cluster", "export", "alpha")).Output;
        Assert.Equal(dry.Output, applied);
        Assert.Equal(applied.Replace("name: alpha", "name: other", StringComparison.Ordinal), (await _cli.RunAsync("cluster", "export", "other")).Output);
    }

    [Theory]
    [InlineData("distribution: modula")]
    [InlineData("redis: false")]
    [InlineData("unknown: true")]
    public async Task What_is_refused_leaves_ZooKeeper_untouched(string setting)
    {
        var redisLine = setting.StartsWith("redis", StringComparison.Ordinal) ? "" : "  redis: true\n";
        var text = $"alpha:\n{redisLine}  {setting}\n  servers:\n   - 10.0.0.1:6379:1\n";

        var (code, output, error) = await _cli.RunAsync(new StringReader(text), false, "cluster", "import", "twemproxy", "-");

        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith("ringkeeper: standard input, line ", error, StringComparison.Ordinal);
        await using var connector = await ZKConnector.ConnectAsync(new ZKConnectorOptions { ZKServers = _server.ConnectString }, Cancel.Soon);
        Assert.Null(await connector.Client.ExistsAsync(ZKPaths.Root, Cancel.Soon));
    }

    [Fact]
    public async Task A_cluster_that_exists_is_not_replaced()
    {
        Assert.Equal(0, (await _cli.RunAsync("cluster", "create", "alpha", "--shard", "a=10.0.0.9:6379")).Code);

        var (code, _, error) = await _cli.RunAsync(new StringReader("alpha:\n  redis: true\n  servers:\n   - 10.0.0.1:6379:1\n"), false, "cluster", "import", "twemproxy", "-");

        Assert.Equal(1, code);
        Assert.Contains("'alpha' already", error, StringComparison.Ordinal);
        Assert.Contains("10.0.0.9:6379", (await _cli.RunAsync("cluster", "export")).Output, StringComparison.Ordinal);
    }

    private async Task<ZKClusterInfo> ImportAsync(NutcrackerServer nutcracker)
    {
        var (code, _, error) = await _cli.RunAsync("cluster", "import", "twemproxy", nutcracker.ConfigFile, "--name", "p");
        Assert.True(code == 0, error);
        await using var connector = await ZKConnector.ConnectAsync(new ZKConnectorOptions { ZKServers = _server.ConnectString }, Cancel.Soon);
        return await connector.GetClusterAsync("p", Cancel.Soon);
    }

    private async Task LocateAgreesAsync(string[] keys, Dictionary<string, string> places)
    {
        using var shown = JsonDocument.Parse((await _cli.RunAsync("cluster", "show", "p", "--json")).Output);
        var addrs = shown.RootElement.GetProperty("shards").EnumerateArray().ToDictionary(shard => shard.GetProperty("name").GetString()!, shard => shard.GetProperty("addr").GetString());
        using var located = JsonDocument.Parse((await _cli.RunAsync(["locate", "p", .. keys, "--json"])).Output);
        foreach (var place in located.RootElement.EnumerateArray())
        {
            Assert.Equal(places[Convert.ToHexString(Encoding.ASCII.GetBytes(place.GetProperty("key").GetString()!))], addrs[place.GetProperty("owner").GetString()!]);
        }
    }

    private async Task<Dictionary<string, string>> PlacesAsync(NutcrackerServer nutcracker, IReadOnlyList<byte[]> keys)
    {
        foreach (var server in redis.All)
        {
            using var client = await LineClient.ConnectAsync(server.Port);
            Assert.Equal("+OK\r\n", await client.AskAsync("FLUSHALL\r\n"));
        }

        await using (var proxy = await ConnectionMultiplexer.ConnectAsync($"{nutcracker.Addr},proxy=Twemproxy"))
        {
            await Task.WhenAll(keys.Select(key => proxy.GetDatabase().StringSetAsync(key, "x")));
        }

        var places = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var server in redis.All)
        {
            await using var direct = await ConnectionMultiplexer.ConnectAsync($"{server.Addr},allowAdmin=true");
            await foreach (var key in direct.GetServer(server.Addr).KeysAsync(pageSize: 2_000))
            {
                places.Add(Convert.ToHexString((byte[])key!), server.Addr);
            }
        }

        return places;
    }
}
