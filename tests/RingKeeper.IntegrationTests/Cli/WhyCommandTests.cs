using System.Text.Json;
using RingKeeper.Cli;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.GoFleet;
using Xunit;

namespace RingKeeper.IntegrationTests.Cli;

/// <summary>What operators are told of a shard, its checkers and their decisions, and what they do about it, on a cluster that runs.</summary>
public sealed class WhyCommandTests : IAsyncLifetime
{
    private readonly EmbeddedStack _stack = new();

    private CliCommand Cli => new(_stack.ZKServers);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    [Fact]
    public async Task Why_tells_a_death_with_what_it_rested_on_and_a_return()
    {
        await _stack.StartAsync();
        var client = await _stack.ConnectAsync();
        await _stack.Shards["shard2"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("shard2"));

        using var dead = await JsonAsync("why", "c1", "shard2", "--json");
        var (shard, decisions) = (dead.GetProperty("shard"), dead.GetProperty("decisions"));
        Assert.Equal(Views.Of(client.View, "shard2")!.Since, shard.GetProperty("since").GetInt64());
        Assert.Equal(("Death", "Return"), (decisions[0].GetProperty("kind").GetString(), decisions[1].GetProperty("kind").GetString()));
        Assert.Equal(shard.GetProperty("since").GetInt64(), decisions[0].GetProperty("stamp").GetInt64());
        Assert.True(decisions[0].GetProperty("evidence").EnumerateArray().Count(vote => vote.GetProperty("alive").ValueKind == JsonValueKind.False) >= 2);
        Assert.Equal(3, dead.GetProperty("checkers").GetArrayLength());

        var (code, text, _) = await Cli.RunAsync("why", "c1", "shard2");
        Assert.Equal(0, code);
        var lines = text.Split('\n');
        Assert.StartsWith($"shard shard2 ({_stack.Shards["shard2"].Addr}) of cluster c1: dead since ", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith("now: it stays dead: ", StringComparison.Ordinal) && line.EndsWith("; 2 needed for a return", StringComparison.Ordinal));
        Assert.Contains("checkers: 3 present of 3 expected, 2 of 3 are a majority", lines);
        Assert.Contains(lines, line => line.Contains(": is dead: ", StringComparison.Ordinal) && line.Contains("; published by n_0000000000", StringComparison.Ordinal));

        await _stack.Shards["shard2"].RestartAsync();
        await Views.WaitAsync(client, Views.IsAlive("shard2"));
        using var back = await JsonAsync("why", "c1", "shard2", "--json");
        Assert.Equal("Return", back.GetProperty("decisions")[0].GetProperty("kind").GetString());

        var unknown = await Cli.RunAsync("why", "c1", "shard9");
        Assert.Equal((1, ""), (unknown.Code, unknown.Output));
        Assert.Contains("'shard9'", unknown.Error, StringComparison.Ordinal);
        Assert.Contains("shard1, shard2, shard3", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drain_that_is_waited_for_has_reached_the_status_and_ends_under_a_new_epoch()
    {
        await _stack.StartAsync();
        var client = await _stack.ConnectAsync();
        var before = Views.Of(client.View, "shard1")!.Since;

        var (code, output, error) = await Cli.RunAsync("shard", "drain", "c1", "shard1", "--wait");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("Drained shard 'shard1'", output, StringComparison.Ordinal);
        Assert.Contains("Shard 'shard1' is agreed to be dead since ", output, StringComparison.Ordinal);
        var drained = await _stack.Manager.GetStatusAsync("c1", Cancel.Soon);
        Assert.False(drained[_stack.Shards["shard1"].Addr].Alive);
        await Views.WaitAsync(client, Views.IsDead("shard1"));
        Assert.Contains("is drained already; nothing was changed", (await Cli.RunAsync("shard", "drain", "c1", "shard1", "--wait")).Output, StringComparison.Ordinal);

        var status = (await Cli.RunAsync("status", "c1")).Output;
        Assert.Contains("dead, drained", status, StringComparison.Ordinal);
        Assert.Contains("3 alive", status, StringComparison.Ordinal);
        Assert.Contains("it is drained: dead whatever the votes say, until 'ringkeeper shard undrain c1 shard1'", (await Cli.RunAsync("why", "c1", "shard1")).Output, StringComparison.Ordinal);
        Assert.Contains("drained", (await Cli.RunAsync("cluster", "show", "c1")).Output, StringComparison.Ordinal);
        Assert.Contains("    drained: true", (await Cli.RunAsync("cluster", "export", "c1")).Output, StringComparison.Ordinal);

        Assert.Equal(0, (await Cli.RunAsync("shard", "undrain", "c1", "shard1", "--wait")).Code);
        await Views.WaitAsync(client, Views.IsAlive("shard1"));
        Assert.True(Views.Of(client.View, "shard1")!.Since > drained[_stack.Shards["shard1"].Addr].Since);
        Assert.True(drained[_stack.Shards["shard1"].Addr].Since > before);
    }

    [Fact]
    public async Task Waiting_ends_with_1_where_nobody_acts_and_the_change_stands()
    {
        await _stack.StartAsync(checkers: 0, options: new ZKClusterOptions());

        var (code, output, error) = await Cli.RunAsync("shard", "drain", "c1", "shard1", "--wait", "--timeout", "200ms");

        Assert.Equal(1, code);
        Assert.Contains("Drained shard 'shard1'", output, StringComparison.Ordinal);
        Assert.Contains("no checker is present", error, StringComparison.Ordinal);
        Assert.Contains("after 0.2 s; the change itself stands", error, StringComparison.Ordinal);
        Assert.True((await _stack.Manager.GetClusterAsync("c1", Cancel.Soon)).Shards[0].Drained);
        Assert.Contains("nobody decides: no checker is present", (await Cli.RunAsync("why", "c1", "shard1")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Go_checker_in_line_is_told_and_keeps_shards_from_being_drained()
    {
        await _stack.StartAsync();
        await using var go = await GoVoter.JoinAsync(_stack);

        using var status = await JsonAsync("status", "c1", "--json");
        Assert.Equal(["RingKeeper", "RingKeeper", "RingKeeper", "Go"], status.GetProperty("votes").EnumerateArray().Select(vote => vote.GetProperty("kind").GetString()));
        Assert.Contains(go.Node, status.GetProperty("mixture").GetString(), StringComparison.Ordinal);
        var told = $"Go checkers are in line ({go.Node}): whenever one leads, decisions are only as strict as Go's";
        Assert.Contains(told, (await Cli.RunAsync("status", "c1")).Output, StringComparison.Ordinal);
        Assert.Contains(told, (await Cli.RunAsync("why", "c1", "shard1")).Output, StringComparison.Ordinal);

        var (code, output, error) = await Cli.RunAsync("shard", "drain", "c1", "shard1", "--force");
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(go.Node, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Go_leader_that_does_not_know_of_a_drain_raises_an_alarm_and_is_told()
    {
        await _stack.StartAsync(checkers: 0, options: new ZKClusterOptions());
        await using var go = await GoVoter.JoinAsync(_stack);
        await _stack.Manager.DrainShardAsync("c1", "shard1", cancellationToken: Cancel.Soon);
        await go.VoteAsync(_stack.Shards["shard1"].Addr, alive: true);
        var log = new LogWatch();
        await using var checker = await ZKChecker.ConnectAsync(
            new ZKCheckerOptions { ZKServers = _stack.ZKServers, ClusterName = "c1", Interval = _stack.Interval, Threshold = _stack.Threshold, LoggerFactory = new OneLog(log) }, Cancel.Soon);
        await checker.StartAsync(Cancel.Soon);

        var alarm = await log.WhenAsync(260);

        Assert.Contains(go.Node, alarm, StringComparison.Ordinal);
        Assert.Contains("shard1", alarm, StringComparison.Ordinal);
        Assert.Contains($"{go.Node}, a Go checker, leads and decides by Go's rules", (await Cli.RunAsync("status", "c1")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_watch_says_nothing_when_a_vote_is_written_anew_with_the_same_words()
    {
        await _stack.StartAsync();
        var raw = await _stack.ConnectToZooKeeperAsync();
        using var stop = new CancellationTokenSource();
        await using var output = new LineWriter();
        await using var error = new StringWriter();
        var environment = new CliEnvironment { Output = output, Error = error, GetVariable = name => name == "RINGKEEPER_ZOOKEEPER" ? _stack.ZKServers : null };
        var running = new CliApp(environment, CliHandlers.Wired).RunAsync(["status", "c1", "--watch", "--json"], stop.Token);
        await output.WaitForAsync("\"expectedCheckers\":3", Cancel.Soon);

        // Each is an event to the watch; the change after them shows that they have been looked at.
        foreach (var node in await _stack.Manager.GetCheckersAsync("c1", Cancel.Soon))
        {
            var (vote, _) = await raw.GetDataAsync(ZKPaths.Vote("c1", node), Cancel.Soon);
            await raw.SetDataAsync(ZKPaths.Vote("c1", node), vote, cancellationToken: Cancel.Soon);
        }

        var cluster = await _stack.Manager.GetClusterAsync("c1", Cancel.Soon);
        await _stack.Manager.UpdateClusterAsync(cluster with { Options = cluster.Options with { ExpectedCheckers = 2 } }, Cancel.Soon);
        await output.WaitForAsync("\"expectedCheckers\":2", Cancel.Soon);
        await stop.CancelAsync();

        Assert.Equal(0, await running);
        Assert.Equal(2, output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    private async Task<JsonScope> JsonAsync(params string[] args)
    {
        var (code, output, error) = await Cli.RunAsync(args);
        Assert.Equal((0, ""), (code, error));
        return new JsonScope(JsonDocument.Parse(output));
    }

    private sealed record JsonScope(JsonDocument Document) : IDisposable
    {
        public JsonElement GetProperty(string name) => Document.RootElement.GetProperty(name);

        public void Dispose() => Document.Dispose();
    }
}
