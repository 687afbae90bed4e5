using RingKeeper.Cli;
using RingKeeper.IntegrationTests.Cli;
using RingKeeper.IntegrationTests.Coordination;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The commands of docs/getting-started.md from the creation of a cluster on, run as they stand there but for the addresses.</summary>
public sealed class GettingStartedCommandsTests
{
    private const string Page = "docs/getting-started.md";

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_cluster_is_created_checked_watched_and_asked()
    {
        await using var stack = new EmbeddedStack();
        await stack.StartEmptyAsync();
        Dictionary<string, string> addresses = new() { ["127.0.0.1:7001"] = "a", ["127.0.0.1:7002"] = "b", ["127.0.0.1:7003"] = "c" };
        foreach (var (address, name) in addresses.ToList())
        {
            addresses[address] = (await stack.StartShardAsync(name)).Addr;
        }

        var command = new CliCommand(stack.ZKServers);
        var (created, _, refusal) = await command.RunAsync(Words("cluster create", addresses));
        Assert.True(created == 0, refusal);

        using var stop = new CancellationTokenSource();
        await using var watched = new LineWriter();
        List<Task<int>> running = [RunAsync(stack, TextWriter.Null, Words("checker", addresses), stop.Token), RunAsync(stack, TextWriter.Null, Words("checker", addresses), stop.Token)];
        await using var client = await ZKCluster.ConnectAsync(stack.ConnectorOptions(), "orders", cancellationToken: Cancel.Soon);
        await Views.WaitAsync(client, Views.AllAlive);
        running.Add(RunAsync(stack, watched, Words("status", addresses), stop.Token));
        await watched.WaitForAsync("alive", Cancel.Soon);
        Assert.DoesNotContain(" dead", watched.ToString(), StringComparison.Ordinal);
        await stack.Shards["b"].KillAsync();

        // What is watched tells of the first vote already, before it is agreed on.
        await watched.WaitForAsync(" dead", Cancel.Soon);
        await Views.WaitAsync(client, Views.IsDead("b"));

        var (asked, answer, error) = await command.RunAsync(Words("why", addresses));
        Assert.True(asked == 0, error);
        Assert.Contains($"shard b ({addresses["127.0.0.1:7002"]}) of cluster orders: dead", answer, StringComparison.Ordinal);
        await stop.CancelAsync();
        await Task.WhenAll(running).WaitAsync(Cancel.Soon);
    }

    private static async Task<int> RunAsync(EmbeddedStack stack, TextWriter output, string[] words, CancellationToken cancellationToken)
    {
        var environment = new CliEnvironment { Output = output, Error = TextWriter.Null, GetVariable = name => name == "RINGKEEPER_ZOOKEEPER" ? stack.ZKServers : null };
        return await new CliApp(environment, CliHandlers.Wired).RunAsync(words, cancellationToken);
    }

    private static string[] Words(string command, Dictionary<string, string> addresses)
    {
        var line = Assert.Single(PageCode.Blocks(Page, "sh").SelectMany(static block => block), line => line.StartsWith($"ringkeeper {command} ", StringComparison.Ordinal));
        return addresses.Aggregate(line, static (text, address) => text.Replace(address.Key, address.Value, StringComparison.Ordinal)).Split(' ')[1..];
    }
}
