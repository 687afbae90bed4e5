using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using RingKeeper.Cli;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using StackExchange.Redis;
using Xunit;

namespace RingKeeper.IntegrationTests.Cli;

/// <summary>Day one, as an operator does it: Apache ZooKeeper with credentials, Redis with users and TLS, the command as a process with a configuration file.</summary>
[Trait("Speed", "Slow")]
public sealed class SecuredProcessTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly HttpClient Http = new();

    private readonly TestCertificates _certificates = new();
    private ApacheZooKeeper _zooKeeper = null!;
    private RedisServer _redis = null!;

    public async ValueTask InitializeAsync()
    {
        _zooKeeper = await ApacheZooKeeper.StartAsync();
        _redis = await RedisServer.StartTlsAsync(
            _certificates, "--user", "default", "on", "nopass", "+ping", "+info", "+quit", "--user", "checker", "on", ">checkers-secret", "+ping", "+info", "--user", "app", "on", ">apps-secret", "~*", "&*", "+@all", "-@admin");
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _zooKeeper.DisposeAsync();
        _certificates.Dispose();
    }

    [Fact]
    public async Task A_cluster_with_credentials_and_TLS_is_created_checked_watched_and_used_by_those_who_have_them()
    {
        var file = Configure("ops:secret", "checker", "checkers-secret");
        Assert.Equal(0, (await RunAsync("cluster", "create", "orders", "--config", file, "--shard", $"a={_redis.Addr}", "--expected-checkers", "1")).ExitCode);
        await using var checker = await CliProcess.StartAsync("checker", "--config", file);
        var health = await HealthOfAsync(checker);
        await using var client = await ZKCluster.ConnectAsync(
            new ZKConnectorOptions { ZKServers = _zooKeeper.ConnectString, DigestCredentials = "ops:secret" },
            "orders",
            new ClusterOptions { ConfigureRedis = RedisSettings.Parse(RedisText("app", "apps-secret"), "test").Apply },
            Cancel.Soon);

        await Views.WaitAsync(client, Views.AllAlive);

        var route = await client.ConnectAsync("k", cancellationToken: Cancel.Soon);
        Assert.True(await route.Database.StringSetAsync("k", "v"));
        Assert.Contains("PONG", (await route.Database.ExecuteAsync("PING")).ToString(), StringComparison.Ordinal);

        // The decision was made on the vote, so the checker is ready.
        Assert.Equal((HttpStatusCode.OK, "ready\n"), await GetAsync($"{health}/readyz"));
        Assert.Equal((HttpStatusCode.OK, "live\n"), await GetAsync($"{health}/livez"));
        var status = await RunAsync("status", "orders", "--config", file);
        Assert.Contains("alive", status.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("open to the world", status.Output, StringComparison.Ordinal);
        Assert.Contains("\"openNodes\":[]", (await RunAsync("cluster", "show", "orders", "--json", "--config", file)).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("locate", "orders", "k", "--config", file)).ExitCode);

        checker.Send(ProcessSignal.Terminate);
        var (code, output, error) = await checker.WaitAsync();
        Assert.Equal((0, ""), (code, output));
        Assert.All(error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind));
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("cluster", "delete", "orders", "--config", file)).ExitCode);
    }

    [Fact]
    public async Task Strangers_and_wrong_passwords_are_refused_in_every_command_and_told_apart()
    {
        var (right, wrong, none) = (Configure("ops:secret"), Configure("ops:hunter2"), Configure(null));
        Assert.Equal(0, (await RunAsync("cluster", "create", "orders", "--config", right, "--shard", $"a={_redis.Addr}")).ExitCode);
        Assert.Equal(0, (await RunAsync("cluster", "create", "open", "--config", none, "--shard", $"a={_redis.Addr}")).ExitCode);

        foreach (var (file, why) in new[] { (wrong, "these credentials are not those that the znode /goreclusters/orders was created for"), (none, "the znode /goreclusters/orders is closed to sessions without credentials") })
        {
            foreach (var command in new string[][] { ["cluster", "show", "orders"], ["status", "orders"], ["locate", "orders", "k"], ["cluster", "update", "orders", "--add", "b=h:1"], ["cluster", "delete", "orders"] })
            {
                var (code, output, error) = await RunAsync([.. command, "--config", file]);
                Assert.Equal((1, ""), (code, output));
                Assert.Contains(why, error, StringComparison.Ordinal);
                Assert.Contains("RINGKEEPER_ZOOKEEPER_AUTH", error, StringComparison.Ordinal);
                Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
            }

            await using var checker = await CliProcess.StartAsync("checker", "orders", "--config", file);
            var ended = await checker.WaitAsync();
            Assert.Equal(1, ended.ExitCode);
            Assert.Contains(why, ended.Error, StringComparison.Ordinal);
        }

        var list = await RunAsync("cluster", "list", "--config", wrong);
        Assert.Equal(0, list.ExitCode);
        Assert.Contains("open", list.Output, StringComparison.Ordinal);
        Assert.Contains("'orders' is not shown", list.Error, StringComparison.Ordinal);
        Assert.Contains("open to the world", (await RunAsync("cluster", "show", "open", "--config", wrong)).Output, StringComparison.Ordinal);
        Assert.Contains("open to the world", (await RunAsync("status", "open", "--config", wrong)).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("checker", "hunter2", "WRONGPASS")]
    [InlineData("nobody", "hunter2", "WRONGPASS")]
    [InlineData("other-ca", "", "UntrustedRoot")]
    [InlineData("other-host", "", "RemoteCertificateNameMismatch")]
    [InlineData("no-certificate", "", "certificate required")]
    public async Task A_checker_that_a_shard_refuses_says_why_abstains_and_is_ready(string user, string password, string why)
    {
        var file = Configure("ops:secret", user, password);
        Assert.Equal(0, (await RunAsync("cluster", "create", "orders", "--config", file, "--shard", $"a={_redis.Addr}", "--expected-checkers", "1")).ExitCode);
        await using var checker = await CliProcess.StartAsync("checker", "--config", file);
        var health = await HealthOfAsync(checker);
        await ReadUntilAsync(checker, "refuses this checker", line => Assert.Contains(why, line, StringComparison.Ordinal));

        using var shape = JsonDocument.Parse(await WaitUntilReadyAsync(health));

        Assert.Equal((1, 0, 1), (Number("shards"), Number("verdicts"), Number("abstentions")));
        Assert.Contains("undecided", (await RunAsync("status", "orders", "--config", file)).Output, StringComparison.Ordinal);
        checker.Send(ProcessSignal.Terminate);
        var (code, _, error) = await checker.WaitAsync();
        Assert.Equal(0, code);
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);

        int Number(string name) => shape.RootElement.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task Without_ZooKeeper_the_checker_is_live_and_not_ready_and_ready_again_with_it()
    {
        var file = Configure("ops:secret", "checker", "checkers-secret");
        Assert.Equal(0, (await RunAsync("cluster", "create", "orders", "--config", file, "--shard", $"a={_redis.Addr}", "--expected-checkers", "1")).ExitCode);
        await using var checker = await CliProcess.StartAsync("checker", "--config", file);
        var health = await HealthOfAsync(checker);
        await WaitUntilReadyAsync(health);

        await _zooKeeper.KillAsync();
        await ReadUntilAsync(checker, "lost its connection");
        var (code, reasons) = await GetAsync($"{health}/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Contains("the ZooKeeper session is ", reasons, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync($"{health}/livez")).Code);

        await _zooKeeper.RestartAsync();
        await WaitUntilReadyAsync(health);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync($"{health}/")).Code);
        using var posted = await Http.PostAsync($"{health}/readyz", null);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET"), (posted.StatusCode, posted.Content.Headers.Allow.Single()));

        await using var second = await CliProcess.StartAsync("checker", "--config", file, "--http", new Uri(health).Authority, "--log-format", "text");
        var refused = await second.WaitAsync();
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(new Uri(health).Authority, refused.Error, StringComparison.Ordinal);
        Assert.Contains("already in use", refused.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Single(refused.Error.TrimEnd().Split('\n'));
    }

    private static async Task<(HttpStatusCode Code, string Body)> GetAsync(string url)
    {
        using var response = await Http.GetAsync(url);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    // Reads the log of the checker line by line: each line is an event.
    private static async Task<string> ReadUntilAsync(CliProcess process, string part, Action<string>? assert = null)
    {
        while (true)
        {
            var line = await process.ReadErrorLineAsync();
            if (line.Contains(part, StringComparison.Ordinal))
            {
                assert?.Invoke(line);
                return line;
            }
        }
    }

    private static async Task<string> HealthOfAsync(CliProcess process)
    {
        using var line = JsonDocument.Parse(await ReadUntilAsync(process, "Health is served"));
        return $"http://{line.RootElement.GetProperty("State").GetProperty("Address").GetString()}";
    }

    // The answer is asked for again after each answer: nothing else tells from outside when a process has become ready.
    private static async Task<string> WaitUntilReadyAsync(string health)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{health}/readyz");
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            using var response = await Http.SendAsync(request, patience.Token);
            var body = await response.Content.ReadAsStringAsync(patience.Token);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return body;
            }

            Assert.NotEmpty(JsonDocument.Parse(body).RootElement.GetProperty("reasons").EnumerateArray());
        }
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var environment = new CliEnvironment { Output = output, Error = error, GetVariable = static _ => null };
        var code = await new CliApp(environment, CliHandlers.Wired).RunAsync(args, Cancel.Soon);
        return (code, output.ToString(), error.ToString());
    }

    private string RedisText(string user, string password, string? ca = null, string? more = null) =>
        $"ssl=true,user={user},password={password},caFile={ca ?? _certificates.CaFile},certificateFile={_certificates.CertificateOf("client")},keyFile={_certificates.KeyOf("client")}{more}";

    private string Configure(string? digest, string user = "checker", string password = "checkers-secret")
    {
        var redis = user switch
        {
            "other-ca" => RedisText("checker", "checkers-secret", ca: _certificates.OtherCaFile),
            "other-host" => RedisText("checker", "checkers-secret", more: ",sslHost=elsewhere.test"),
            "no-certificate" => $"ssl=true,user=checker,password=checkers-secret,caFile={_certificates.CaFile}",
            _ => RedisText(user, password),
        };
        var file = _certificates.File($"{Guid.NewGuid():n}.json");
        File.WriteAllText(file, JsonSerializer.Serialize(new
        {
            zookeeper = digest is null ? (object)new { servers = _zooKeeper.ConnectString } : new { servers = _zooKeeper.ConnectString, digest },
            redis,
            checker = new { cluster = "orders", interval = "200ms", threshold = "800ms", http = ":0" },
            log = new { format = "json" },
        }));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return file;
    }
}
