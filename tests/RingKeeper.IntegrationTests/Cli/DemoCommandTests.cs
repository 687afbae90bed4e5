using System.Text.Json;
using RingKeeper.IntegrationTests.Servers;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.IntegrationTests.Cli;

/// <summary>The demo as a stranger runs it: its own process, by itself, and on real servers.</summary>
public sealed class DemoCommandTests
{
    [Fact]
    public async Task The_demo_runs_by_itself_and_reads_nothing_stale() => Judge(await RunAsync("demo", "--json"));

    [Trait("Speed", "Slow")]
    [Fact]
    public async Task The_demo_runs_on_real_servers_and_leaves_no_cluster_behind()
    {
        await using var zooKeeper = await ApacheZooKeeper.StartAsync();
        await using var a = await RedisServer.StartAsync();
        await using var b = await RedisServer.StartAsync();
        await using var c = await RedisServer.StartAsync();

        Judge(await RunAsync("demo", "--json", "--zookeeper", zooKeeper.ConnectString, "--redis", $"{a.Addr},{b.Addr},{c.Addr}"));

        await using var client = await ZooKeeperClient.ConnectAsync(zooKeeper.ConnectString, TestContext.Current.CancellationToken);
        Assert.Empty((await client.GetChildrenAsync(ZKPaths.Root, TestContext.Current.CancellationToken)).Names);
    }

    [Trait("Speed", "Slow")]
    [Fact]
    public async Task The_demo_on_a_ZooKeeper_out_of_reach_fails_and_says_why()
    {
        await using var cli = await CliProcess.StartAsync("demo", "--zookeeper", $"127.0.0.1:{FreePort.Next()}", "--redis", "127.0.0.1:1,127.0.0.1:2");
        var (code, _, error) = await cli.WaitAsync();

        Assert.Equal(1, code);
        Assert.Contains("127.0.0.1", error, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> RunAsync(params string[] args)
    {
        await using var cli = await CliProcess.StartAsync(args);
        var (code, output, error) = await cli.WaitAsync();
        Assert.True(code == 0, $"The demo ended with {code}: {output} {error}");
        return JsonSerializer.Deserialize<JsonElement>(output);
    }

    private static void Judge(JsonElement report)
    {
        Assert.True(report.GetProperty("ok").GetBoolean());
        Assert.Equal((0, 0), (report.GetProperty("staleReads").GetInt64(), report.GetProperty("wrongReads").GetInt64()));
        Assert.True(report.GetProperty("freshReads").GetInt64() > 200, report.ToString());
        foreach (var figure in new[] { "detectedMs", "failoverMs", "returnMs", "addMs", "removeMs" })
        {
            Assert.True(report.GetProperty(figure).GetDouble() > 0, figure);
        }
    }
}
