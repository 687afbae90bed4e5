using System.Text.Json;
using RingKeeper.Cli;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Cli;

/// <summary>The commands of the README, as typed, on a cluster that runs.</summary>
public sealed class ClusterCommandsTests : IAsyncLifetime
{
    private readonly EmbeddedStack _stack = new();

    public async ValueTask InitializeAsync() => await _stack.StartAsync();

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    [Fact]
    public async Task Clusters_are_created_listed_shown_updated_and_deleted()
    {
        Assert.Equal(0, (await RunAsync("cluster", "create", "orders", "--shard", "a=10.0.0.1:6379", "--shard", "b=10.0.0.2:6379", "--no-failover", "--ring-params", "40")).Code);
        using var shown = JsonDocument.Parse((await RunAsync("cluster", "show", "orders", "--json")).Output);
        Assert.Equal(("orders", false, "40", 3), (shown.RootElement.GetProperty("name").GetString(), shown.RootElement.GetProperty("failoverEnabled").GetBoolean(), shown.RootElement.GetProperty("ringParams").GetString(), shown.RootElement.GetProperty("expectedCheckers").GetInt32()));

        Assert.Equal(0, (await RunAsync("cluster", "update", "orders", "--add", "c=10.0.0.3:6379", "--remove", "a")).Code);
        using var list = JsonDocument.Parse((await RunAsync("cluster", "list", "--json")).Output);
        Assert.Equal(["c1", "orders"], list.RootElement.EnumerateArray().Select(c => c.GetProperty("name").GetString()));
        Assert.False(list.RootElement[1].TryGetProperty("openNodes", out _));
        Assert.Equal(["b", "c"], list.RootElement[1].GetProperty("shards").EnumerateArray().Select(s => s.GetProperty("name").GetString()));

        Assert.Equal(0, (await RunAsync("cluster", "delete", "orders")).Code);
        Assert.Equal(1, (await RunAsync("cluster", "show", "orders")).Code);
    }

    [Fact]
    public async Task Expire_ages_every_copy_and_changes_nothing_else()
    {
        Assert.Equal(0, (await RunAsync("cluster", "create", "cache", "--shard", "a=10.0.0.1:6379")).Code);
        await using var connector = await ZKConnector.ConnectAsync(new ZKConnectorOptions { ZKServers = _stack.ZKServers }, Cancel.Soon);
        var before = await connector.GetClusterAsync("cache", Cancel.Soon);

        var expired = await RunAsync("cluster", "expire", "cache");

        Assert.Equal(0, expired.Code);
        Assert.Contains("'cache'", expired.Output, StringComparison.Ordinal);
        var after = await connector.GetClusterAsync("cache", Cancel.Soon);
        Assert.Equal((before.Options, before.Shards[0]), (after.Options, after.Shards[0]));
        Assert.True(after.Version > before.Version);
        Assert.Equal(after.Version, HistoryRules.InEffect(after, []).Floor);
        Assert.Equal(1, (await RunAsync("cluster", "expire", "nope")).Code);
    }

    [Fact]
    public async Task A_ring_of_twemproxy_is_created_shown_weighed_and_used_to_locate_keys()
    {
        Assert.Equal(0, (await RunAsync("cluster", "create", "pool", "--shard", "a=10.0.0.1:6379", "b=10.0.0.2:6379", "--weight", "b=3", "--ring", "Ketama", "--hash-tag", "{}", "--key-hash", "murmur")).Code);
        Assert.Equal(0, (await RunAsync("cluster", "update", "pool", "--add", "c=10.0.0.3:6379", "--weight", "c=5", "a=2")).Code);

        using var shown = JsonDocument.Parse((await RunAsync("cluster", "show", "pool", "--json")).Output);
        var root = shown.RootElement;
        Assert.Equal(("Ketama", "{}", "murmur"), (root.GetProperty("ringType").GetString(), root.GetProperty("hashTag").GetString(), root.GetProperty("keyHash").GetString()));
        Assert.Equal([2, 3, 5], root.GetProperty("shards").EnumerateArray().Select(s => s.GetProperty("weight").GetInt32()));

        using var places = JsonDocument.Parse((await RunAsync("locate", "pool", "{u}:1", "u", "--json")).Output);
        var ring = RingTypes.CreateBuilder(RingTypes.Ketama, "160", "{}", "murmur").Build(
            [new("a", "10.0.0.1:6379") { Weight = 2 }, new("b", "10.0.0.2:6379") { Weight = 3 }, new("c", "10.0.0.3:6379") { Weight = 5 }]);
        var expected = ring.Shards[ring.GetOwner("u"u8)].Name;
        Assert.Equal([expected, expected], places.RootElement.EnumerateArray().Select(p => p.GetProperty("owner").GetString()));
    }

    [Fact]
    public async Task What_holds_for_copies_is_set_shown_changed_and_switched_off()
    {
        Assert.Equal(0, (await RunAsync("cluster", "create", "orders", "--shard", "a=10.0.0.1:6379", "--clock-tolerance", "500ms", "--warm-return", "1m")).Code);
        Assert.Contains("clock tolerance 500ms, warm return 1m", (await RunAsync("cluster", "show", "orders")).Output, StringComparison.Ordinal);

        Assert.Equal(0, (await RunAsync("cluster", "update", "orders", "--max-dead-percent", "70")).Code);
        using (var shown = JsonDocument.Parse((await RunAsync("cluster", "show", "orders", "--json")).Output))
        {
            Assert.Equal((500, 60_000), (shown.RootElement.GetProperty("clockToleranceMs").GetInt32(), shown.RootElement.GetProperty("warmReturnMs").GetInt32()));
        }

        Assert.Equal(0, (await RunAsync("cluster", "update", "orders", "--clock-tolerance", "100ms", "--warm-return", "off")).Code);
        Assert.Contains("clock tolerance 100ms, warm return off", (await RunAsync("cluster", "show", "orders")).Output, StringComparison.Ordinal);
        Assert.Contains("clock tolerance 250ms, warm return off", (await RunAsync("cluster", "show", "c1")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_refused_ends_with_1_a_reason_on_standard_error_and_nothing_on_standard_output()
    {
        foreach (var (args, named) in new (string[] Args, string Named)[]
        {
            (["cluster", "create", "c1", "--shard", "a=10.0.0.1:6379"], "'c1'"),
            (["cluster", "create", "new", "--shard", "a=10.0.0.1:6379", "--shard", "b=10.0.0.1:6379"], "10.0.0.1:6379"),
            (["cluster", "create", "new", "--shard", "a=10.0.0.1:6379", "--hash-tag", "{}"], "HashTag '{}'"),
            (["cluster", "update", "c1", "--weight", "nope=2"], "nope=2"),
            (["cluster", "update", "c1", "--remove", "nope"], "'nope'"),
            (["cluster", "delete", "c1"], "3 running checker(s)"),
            (["status", "nope"], "'nope'"),
            (["locate", "nope", "k"], "'nope'"),
            (["checker", "nope"], "'nope'"),
        })
        {
            var (code, output, error) = await RunAsync(args);
            Assert.True(code is 1 or 2, $"{string.Join(' ', args)} ended with {code}");
            Assert.Empty(output);
            Assert.Contains(named, error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Status_shows_each_shard_the_checkers_and_the_leader()
    {
        using var status = JsonDocument.Parse((await RunAsync("status", "c1", "--json")).Output);
        Assert.Equal(3, status.RootElement.GetProperty("checkers").GetArrayLength());
        Assert.Equal("n_0000000000", status.RootElement.GetProperty("leader").GetString());
        Assert.All(status.RootElement.GetProperty("shards").EnumerateArray(), s => Assert.True(s.GetProperty("alive").GetBoolean()));
        var text = (await RunAsync("status", "c1")).Output;
        Assert.Contains("shard1", text, StringComparison.Ordinal);
        Assert.Contains("n_0000000000 is first in line", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Locate_shows_owner_order_and_epoch_as_a_client_routes()
    {
        var client = await _stack.ConnectAsync();
        using var places = JsonDocument.Parse((await RunAsync("locate", "c1", "k1", "k2", "--json")).Output);
        foreach (var place in places.RootElement.EnumerateArray())
        {
            var route = await client.ConnectAsync(place.GetProperty("key").GetString(), cancellationToken: Cancel.Soon);
            Assert.Equal(route.Shard.Name, place.GetProperty("owner").GetString());
            Assert.Equal(route.ValidSince, place.GetProperty("validSince").GetInt64());
            Assert.Equal(3, place.GetProperty("order").GetArrayLength());
        }
    }

    [Fact]
    public async Task Status_watch_shows_a_death_as_it_is_decided_and_ends_with_0()
    {
        using var stop = new CancellationTokenSource();
        await using var output = new LineWriter();
        var running = RunAsync(output, stop.Token, "status", "c1", "--watch", "--json");
        await output.WaitForAsync("\"alive\":true", Cancel.Soon);
        await _stack.Shards["shard3"].KillAsync();
        await output.WaitForAsync("\"alive\":false", Cancel.Soon);
        await stop.CancelAsync();

        Assert.Equal(0, (await running).Code);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        await using var output = new LineWriter();
        return await RunAsync(output, Cancel.Soon, args);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(LineWriter output, CancellationToken cancellationToken, params string[] args)
    {
        await using var error = new StringWriter();
        var environment = new CliEnvironment
        {
            Output = output,
            Error = error,
            GetVariable = name => name == "RINGKEEPER_ZOOKEEPER" ? _stack.ZKServers : null,
        };
        var code = await new CliApp(environment, CliHandlers.Wired).RunAsync(args, cancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
