using System.Globalization;
using System.Text;
using System.Text.Json;
using RingKeeper.IntegrationTests.Coordination;
using Xunit;

namespace RingKeeper.IntegrationTests.Cli;

/// <summary>What is foretold, held to what happens, and what happens, held to what is told of it.</summary>
public sealed class SimulateCommandTests : IAsyncLifetime
{
    private const int Keys = 5_000;
    private readonly EmbeddedStack _stack = new();

    public async ValueTask InitializeAsync() => await _stack.StartAsync();

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task The_keys_that_are_foretold_to_move_are_those_that_a_killed_shard_moves()
    {
        var client = await _stack.ConnectAsync();
        await Views.WaitAsync(client, Views.AllAlive);
        var before = Servers(client.View);
        var input = new StringReader(string.Join('\n', Enumerable.Range(0, Keys).Select(Key)));

        var (code, output, error) = await new CliCommand(_stack.ZKServers).RunAsync(input, false, "simulate", "c1", "--kill", "shard2", "--keys", "-", "--json");
        Assert.Equal((0, ""), (code, error));
        await _stack.Shards["shard2"].KillAsync();
        var view = await Views.WaitAsync(client, Views.IsDead("shard2"));

        var after = Servers(view);
        using var foretold = JsonDocument.Parse(output);
        Assert.Equal(before.Zip(after).Count(static pair => pair.First != pair.Second), foretold.RootElement.GetProperty("movedServer").GetInt32());
        foreach (var shard in foretold.RootElement.GetProperty("shards").EnumerateArray())
        {
            var name = shard.GetProperty("name").GetString();
            Assert.Equal((before.Count(server => server == name), after.Count(server => server == name)), (shard.GetProperty("before").GetInt32(), shard.GetProperty("after").GetInt32()));
        }

        // What is dead now is dead in the next question too, unless all are taken for alive.
        Assert.Contains("shard2  before  dead", (await RunAsync("simulate", "c1", "--kill", "shard1")).Output, StringComparison.Ordinal);
        Assert.Contains("No shard of cluster 'c1' would be alive", (await RunAsync("simulate", "c1", "--kill", "shard1", "shard3")).Error, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("simulate", "c1", "--kill", "shard1", "shard3", "--all-alive")).Code);

        var events = (await RunAsync("events", "c1", "--limit", "1")).Output.Split('\n');
        Assert.Contains("  shard2 is dead: ", events[0], StringComparison.Ordinal);
        Assert.StartsWith("    n_0000000000 (checker0): ", events[1], StringComparison.Ordinal);
        Assert.Contains("critical: shard shard2 is dead since ", (await RunAsync("status", "c1")).Output, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Events_are_followed_over_an_outage_of_ZooKeeper_and_over_a_deletion_each_told_once()
    {
        using var stop = new CancellationTokenSource();
        await using var output = new LineWriter();
        await using var error = new LineWriter();
        var environment = new RingKeeper.Cli.CliEnvironment { Output = output, Error = error, GetVariable = name => name == "RINGKEEPER_ZOOKEEPER" ? _stack.ZKServers : null };
        var running = new RingKeeper.Cli.CliApp(environment, RingKeeper.Cli.CliHandlers.Wired).RunAsync(["events", "c1", "--follow"], stop.Token);
        await output.WaitForAsync("shard3 is alive", Cancel.Soon);

        await _stack.StopZooKeeperAsync();
        await error.WaitForAsync("ZooKeeper is away", Cancel.Soon);
        await _stack.RestartZooKeeperAsync();
        await error.WaitForAsync("the cluster can be read again", Cancel.Soon);
        await _stack.Shards["shard1"].KillAsync();
        await output.WaitForAsync("shard1 is dead: ", Cancel.Soon);
        await _stack.Manager.DeleteClusterAsync("c1", force: true, Cancel.Soon);
        await output.WaitForAsync("topology: the cluster was deleted", Cancel.Soon);
        await _stack.Manager.CreateClusterAsync("c1", [new Shard("other", "127.0.0.1:1")], new ZKClusterOptions(), Cancel.Soon);
        await output.WaitForAsync("created anew, with other at 127.0.0.1:1", Cancel.Soon);
        await stop.CancelAsync();

        Assert.Equal(0, await running);
        var lines = output.ToString().Split('\n');
        Assert.Single(lines, static line => line.Contains("shard1 is dead: ", StringComparison.Ordinal));
        Assert.Single(lines, static line => line.Contains("shard3 is alive: ", StringComparison.Ordinal));
        Assert.Single(lines, static line => line.Contains("was deleted\n", StringComparison.Ordinal) || line.EndsWith("the cluster was deleted", StringComparison.Ordinal));
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] args) => new CliCommand(_stack.ZKServers).RunAsync(args);

    private static string Key(int i) => string.Create(CultureInfo.InvariantCulture, $"user:{i}");

    private static List<string> Servers(ClusterView view) =>
        [.. Enumerable.Range(0, Keys).Select(i => view.Ring.Shards[view.Route(Encoding.UTF8.GetBytes(Key(i)), RoutePolicy.Failover).ShardIndex].Name)];
}
