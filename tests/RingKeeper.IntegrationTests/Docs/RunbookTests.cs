using System.Text.RegularExpressions;
using RingKeeper.IntegrationTests.Cli;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.Testing;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>docs/runbook.md, held to what the libraries log and measure; its commands run.</summary>
public sealed partial class RunbookTests
{
    private const int MatchTimeout = 10_000;

    // A server for development and tests alone raises no alarm in production; its ids are a space of their own.
    private const string ServerForTests = "RingKeeper.ZooKeeper.Embedded";

    private static readonly string[] Page = File.ReadAllLines(PageCode.PathOf("docs/runbook.md"));

    [Fact]
    public void Every_event_of_warning_or_above_stands_once_with_its_level_and_nothing_else_does()
    {
        var events = Directory.EnumerateFiles(PageCode.PathOf("src"), "*.cs", SearchOption.AllDirectories)
            .Where(static file => !file.Contains($"/{ServerForTests}/", StringComparison.Ordinal))
            .SelectMany(static file => Events().Matches(File.ReadAllText(file)))
            .Select(static made => $"{made.Groups["id"].Value} {LevelOf(made)}").ToList();
        var rows = Page.Select(static line => Rows().Match(line)).Where(static row => row.Success).Select(static row => $"{row.Groups["id"].Value} {row.Groups["level"].Value}");

        Assert.True(events.Count > 60, $"Only {events.Count} events are found: they are no longer logged as expected.");
        Assert.Equal(events.Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_alarm_tells_how_to_make_sure_what_to_do_and_when_it_is_bad()
    {
        var sections = string.Join('\n', Page).Split("\n## ").Where(static section => section.Contains("| event |", StringComparison.Ordinal)).ToList();

        Assert.True(sections.Count > 8);
        Assert.Equal([], sections.Where(static section => !((string[])["\n**Confirm.** ", "\n**Do.** ", "\n**Worry** "]).All(section.Contains)).Select(static section => section.Split('\n')[0]));
    }

    [Fact]
    public void Every_metric_stands_on_the_page_of_metrics()
    {
        var metrics = Page.Select(static line => Metrics().Match(line)).Where(static row => row.Success).Select(static row => row.Groups["name"].Value).ToList();
        var known = File.ReadAllText(PageCode.PathOf("docs/metrics.md"));

        Assert.True(metrics.Count > 5);
        Assert.Equal([], metrics.Where(metric => !known.Contains($"| `{metric}` |", StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task The_commands_of_the_first_look_run_and_tell_of_a_dead_shard()
    {
        await using var stack = new EmbeddedStack();
        await stack.StartEmptyAsync();
        Shard[] shards = [await stack.StartShardAsync("a"), await stack.StartShardAsync("b")];
        await stack.Manager.CreateClusterAsync("orders", shards, new ZKClusterOptions { ExpectedCheckers = 1 }, Cancel.Soon);
        var port = FreePort.Next();
        await using var checker = await CliProcess.StartAsync("checker", "orders", "--zookeeper", stack.ZKServers, "--http", $":{port}", "--log-level", "warning");
        await using var client = await ZKCluster.ConnectAsync(stack.ConnectorOptions(), "orders", cancellationToken: Cancel.Soon);
        await Views.WaitAsync(client, Views.AllAlive);
        await stack.Shards["a"].KillAsync();
        await Views.WaitAsync(client, Views.IsDead("a"));
        var answers = new List<string>();
        foreach (var command in Assert.Single(PageCode.Blocks("docs/runbook.md", "sh")))
        {
            answers.Add(await RunAsync(command, stack, port));
        }

        Assert.Matches("a .*dead", answers[0]);
        Assert.Contains("shard b", answers[1], StringComparison.Ordinal);
        Assert.Contains(shards[1].Addr, answers[2], StringComparison.Ordinal);
        Assert.Equal("PONG", answers[3].Trim());
        Assert.Contains("ready", answers[4], StringComparison.Ordinal);
        await RunEachAsync(stack, [.. Mentioned().Matches(string.Join(' ', Page)).Select(static match => match.Groups["command"].Value).Distinct()]);
    }

    // What the text tells to do, each on the cluster as it was.
    private static async Task RunEachAsync(EmbeddedStack stack, List<string> commands)
    {
        Assert.True(commands.Count > 4);
        var before = await stack.Manager.GetClusterAsync("orders", Cancel.Soon);
        foreach (var command in commands)
        {
            var (code, _, error) = await new CliCommand(stack.ZKServers).RunAsync(command.Replace("shard drain", "shard drain --force", StringComparison.Ordinal).Split(' ')[1..]);
            Assert.True(code == 0, $"{command}: {error}");
            var after = await stack.Manager.GetClusterAsync("orders", Cancel.Soon);
            await stack.Manager.UpdateClusterAsync(after with { Shards = before.Shards, Options = before.Options }, Cancel.Soon);
        }
    }

    // An event whose level its caller chooses can be a warning.
    private static string LevelOf(Match made) => made.Groups["level"].Success ? made.Groups["level"].Value.ToLowerInvariant() : "warning";

    private static async Task<string> RunAsync(string command, EmbeddedStack stack, int port)
    {
        if (command.StartsWith("ringkeeper ", StringComparison.Ordinal))
        {
            var (code, output, error) = await new CliCommand(stack.ZKServers).RunAsync(command.Split(' ')[1..]);
            Assert.True(code == 0, error);
            return output;
        }

        var address = stack.Shards["b"].Addr.Split(':');
        var words = command.Replace("10.0.0.2 -p 6379", $"{address[0]} -p {address[1]}", StringComparison.Ordinal).Replace(":9470", $":{port}", StringComparison.Ordinal).Split(' ');
        using var http = new HttpClient();
        return words[0] == "curl" ? await http.GetStringAsync(new Uri(words[^1]), Cancel.Soon) : await SystemCommand.RunAsync(words[0], "redis-tools", words[1..]);
    }

    [GeneratedRegex(@"LoggerMessage\((EventId = )?(?<id>\d+), (LogLevel\.(?<level>Warning|Error|Critical),|Message)", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Events();

    [GeneratedRegex("`(?<command>ringkeeper [^`]* orders[^`]*)`", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Mentioned();

    [GeneratedRegex(@"^\| (?<id>\d+) \| (?<level>[a-z]+) \| ", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Rows();

    [GeneratedRegex(@"^\| `(?<name>(ringkeeper|zookeeper)\.[a-z_.]+)` \|", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Metrics();
}
