using System.Text.Json;
using RingKeeper.Cli;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.GoFleet;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Cli;

/// <summary>What the doctor finds on real servers: broken in many ways at once, healthy, and away.</summary>
public sealed class DoctorCommandTests : IAsyncLifetime
{
    private const string Name = "c1";
    private const string Credentials = "doctor:only-for-this-test";

    private readonly List<IAsyncDisposable> _owned = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in Enumerable.Reverse(_owned))
        {
            await owned.DisposeAsync();
        }
    }

    [Fact]
    [Trait("Speed", "Slow")]
    [Trait("Run", "Alone")]
    public async Task On_servers_broken_in_many_ways_each_fault_is_found_with_its_remedy_and_one_that_hangs_is_one_finding()
    {
        const string Secret = "not-the-password-of-p";
        var zooKeeper = Own(await ApacheZooKeeper.StartAsync(tickTimeMs: 3000));
        var one = Own(await RedisServer.StartAsync(["--appendonly", "yes", "--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru"]));
        var replica = Own(await RedisServer.StartAsync(["--replicaof", "127.0.0.1", $"{one.Port}", "--maxmemory", "50mb", "--maxmemory-policy", "noeviction"]));
        var hanging = Own(await RedisServer.StartAsync());
        var locked = Own(await RedisServer.StartAsync(["--requirepass", "the-password-of-p"]));
        hanging.Pause();
        List<Shard> shards = [new("one", one.Addr), new("twin", $"localhost:{one.Port}"), new("replica", replica.Addr), new("hanging", hanging.Addr), new("locked", locked.Addr)];
        var options = new ZKClusterOptions { RingType = RingTypes.Ketama, RingParams = "8", HashTag = "{}", ExpectedCheckers = 3, MaxDeadPercent = 100 };
        await CreateAsync(zooKeeper.ConnectString, shards, options, null);
        await AddCheckersAsync(zooKeeper.ConnectString, 2, null, null);
        await using var raw = await ZooKeeperClient.ConnectAsync(zooKeeper.ConnectString, Cancel.Soon);
        await Znodes.WaitForStatusAsync(raw, Name, status => status.Count == 4 && !status[hanging.Addr].Alive);
        await new GoManager(raw).UpdateAsync(Name, shards, GoJson.Options(true, RingTypes.Ketama, "8"));

        var started = TimeProvider.System.GetTimestamp();
        var (code, output, error) = await RunAsync(zooKeeper.ConnectString, null, $"password={Secret}", "doctor", Name, "--timeout", "1500ms", "--json");
        var took = TimeProvider.System.GetElapsedTime(started);

        Assert.Equal((1, ""), (code, error));
        Assert.True(took < TimeSpan.FromSeconds(12), $"It took {took}.");
        Assert.DoesNotContain(Secret, output, StringComparison.Ordinal);
        var findings = Read(output);
        Expect(findings, "same-server", "Critical", "one (", "--remove twin");
        Expect(findings, "replica", "Critical", "replica", "REPLICAOF NO ONE");
        Expect(findings, "shard-hangs", "Note", "hanging", "the server hangs");
        Expect(findings, "dead", "Critical", "hanging", "ringkeeper why c1 hanging");
        Expect(findings, "shard-login", "Critical", "locked", "RINGKEEPER_REDIS");
        Expect(findings, "undecided", "Warning", "locked", "checkers");
        Expect(findings, "policy-differs", "Warning", "noeviction on replica", "set one on all");
        Expect(findings, "policy-noeviction", "Warning", "replica", "allkeys-lru");
        Expect(findings, "persistence-kept", "Note", "one keeps an append-only file", "appendonly no");
        Expect(findings, "session-timeout-longer", "Warning", "6s, and 4s were asked for", "tickTime (now 3s");
        Expect(findings, "zk-single", "Warning", "stands alone", "ensemble of three");
        Expect(findings, "open-acl", "Warning", "open to the world", "RINGKEEPER_ZOOKEEPER_AUTH");
        Expect(findings, "few-checkers", "Warning", "2 checker(s)", "run 3 or more");
        Expect(findings, "checkers-missing", "Warning", "2 of 3", "start the missing");
        Expect(findings, "one-host", "Warning", "2 of 2 checkers run on", "machine of its own");
        Expect(findings, "ring-skew", null, "times the keys", "--ring-params, now 8");
        Expect(findings, "ring-few-points", "Warning", "8 points", "--ring-params, now 8");
        Expect(findings, "fields-lost", "Warning", "HashTag", "cluster update c1");
        Expect(findings, "clock", null, "shard one", null);
        Assert.DoesNotContain(findings, finding => finding.Level == "Ok" && finding.Text.Contains("hanging", StringComparison.Ordinal));
        Assert.Single(findings, finding => finding.Code == "shard-hangs");

        var (_, text, _) = await RunAsync(zooKeeper.ConnectString, null, $"password={Secret}", "doctor", Name, "--timeout", "1500ms");
        Assert.StartsWith("critical ", text, StringComparison.Ordinal);
        Assert.Contains(" critical, ", text.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    [Trait("Run", "Alone")]
    public async Task A_healthy_cluster_has_nothing_worse_than_a_note_and_what_no_server_tells_is_not_called_well()
    {
        var ensemble = Own(await RealEnsemble.StartAsync());
        var redis = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RedisServer.StartAsync(["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"])));
        _owned.AddRange(redis);
        await CreateAsync(ensemble.ConnectString, [.. redis.Select((server, i) => new Shard($"shard{i + 1}", server.Addr))], new ZKClusterOptions { RingType = RingTypes.Rendezvous, ExpectedCheckers = 3 }, Credentials);
        await AddCheckersAsync(ensemble.ConnectString, 3, "checker", Credentials);
        await using var client = await ZooKeeperClient.ConnectAsync(new ZooKeeperClientOptions { ConnectString = ensemble.ConnectString, DigestCredentials = Credentials }, Cancel.Soon);
        await Znodes.WaitForStatusAsync(client, Name, status => status.Count == 3 && status.Values.All(shard => shard.Alive));

        var (code, output, error) = await RunAsync(ensemble.ConnectString, Credentials, null, "doctor", Name, "--timeout", "2s", "--json");

        var findings = Read(output);
        Assert.Equal("", string.Join('\n', findings.Where(finding => finding.Level is "Warning" or "Critical")));
        Assert.Equal((0, ""), (code, error));
        Assert.All(findings.Where(finding => finding.Level == "NotChecked"), finding => Assert.Contains(finding.Code, new[] { "checker-hosts", "persistence", "clock" }));
        foreach (var ok in new[] { "zk-server", "zk-quorum", "zk-size", "zk-version", "session-timeout", "zk-latency", "cluster", "acl", "votes", "options", "ring", "shard", "identity", "memory", "shard-version" })
        {
            Assert.Contains(findings, finding => finding.Code == ok && finding.Level == "Ok");
        }

        // Without one server, and with only one of the rest named.
        await ensemble.Members[2].KillAsync();
        var (less, partly, _) = await RunAsync($"{ensemble.Members[0].ConnectString},{ensemble.Members[2].ConnectString}", Credentials, null, "doctor", Name, "--timeout", "2s", "--json");
        Assert.Equal(1, less);
        Expect(Read(partly), "zk-server-down", "Warning", ensemble.Members[2].ConnectString, "start that server");
        Expect(Read(partly), "zk-unnamed", "Warning", "names 2 server(s), and the ensemble has 3", "name them all");
    }

    [Fact]
    public async Task Without_ZooKeeper_the_report_is_whole_and_says_what_could_not_be_looked_at()
    {
        var (code, output, error) = await RunAsync("127.0.0.1:1,127.0.0.1:2", null, null, "doctor", Name, "--timeout", "300ms", "--json");

        Assert.Equal((1, ""), (code, error));
        var findings = Read(output);
        Expect(findings, "zk-unreachable", "Critical", "no server gives a session", "start the ZooKeeper servers");
        Assert.Equal(2, findings.Count(finding => finding.Code == "zk-server-down"));
        Assert.DoesNotContain(findings, finding => finding.Level is "Ok" or "Note");
        foreach (var unseen in new[] { "cluster", "acl", "ring", "shard", "identity", "memory", "persistence", "clock", "session-timeout", "zk-latency", "votes", "options" })
        {
            Assert.Contains(findings, finding => finding.Code == unseen && finding.Level == "NotChecked" && finding.Remedy is not null);
        }

        Assert.Contains("0 ok", (await RunAsync("127.0.0.1:1", null, null, "doctor", Name, "--timeout", "300ms")).Output, StringComparison.Ordinal);
    }

    private static void Expect(IReadOnlyList<Told> findings, string code, string? level, string text, string? remedy) =>
        Assert.True(
            findings.Any(finding => finding.Code == code && (level is null || finding.Level == level) && finding.Text.Contains(text, StringComparison.Ordinal)
                && (remedy is null || finding.Remedy?.Contains(remedy, StringComparison.Ordinal) == true)),
            $"{code} ({level}) with '{text}' and '{remedy}' is missing among:\n{string.Join('\n', findings)}");

    private static List<Told> Read(string output)
    {
        using var json = JsonDocument.Parse(output);
        return
        [
            .. json.RootElement.GetProperty("findings").EnumerateArray().Select(finding => new Told(
                finding.GetProperty("code").GetString()!, finding.GetProperty("level").GetString()!, finding.GetProperty("text").GetString()!, finding.GetProperty("remedy").GetString())),
        ];
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string servers, string? credentials, string? redis, params string[] args)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var environment = new CliEnvironment
        {
            Output = output,
            Error = error,
            GetVariable = name => name switch { "RINGKEEPER_ZOOKEEPER" => servers, "RINGKEEPER_ZOOKEEPER_AUTH" => credentials, "RINGKEEPER_REDIS" => redis, _ => null },
        };
        var code = await new CliApp(environment, CliHandlers.Wired).RunAsync(args, Cancel.Soon);
        return (code, output.ToString(), error.ToString());
    }

    private static async Task CreateAsync(string servers, IReadOnlyList<Shard> shards, ZKClusterOptions options, string? credentials)
    {
        await using var manager = await ZKManager.ConnectAsync(new ZKConnectorOptions { ZKServers = servers, DigestCredentials = credentials }, Cancel.Soon);
        await manager.CreateClusterAsync(Name, shards, options, Cancel.Soon);
    }

    private async Task AddCheckersAsync(string servers, int count, string? id, string? credentials)
    {
        for (var i = 0; i < count; i++)
        {
            var checker = Own(await ZKChecker.ConnectAsync(
                new ZKCheckerOptions
                {
                    ZKServers = servers, ClusterName = Name, DigestCredentials = credentials, CheckerId = id is null ? null : $"{id}{i}", Interval = TimeSpan.FromMilliseconds(200), Threshold = TimeSpan.FromMilliseconds(800),
                },
                Cancel.Soon));
            await checker.StartAsync(Cancel.Soon);
        }
    }

    private T Own<T>(T owned)
        where T : IAsyncDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    private sealed record Told(string Code, string Level, string Text, string? Remedy);
}
