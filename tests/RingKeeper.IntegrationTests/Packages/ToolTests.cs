using System.Text.Json;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Packages;

/// <summary>The command, installed from its package.</summary>
[Collection(PackagesCollection.Name)]
[Trait("Speed", "Slow")]
[Trait("Run", "Alone")]
public sealed class ToolTests(PackedFeed feed)
{
    [Fact]
    public async Task The_installed_command_tells_its_version_and_its_commands()
    {
        Assert.StartsWith(feed.Version, await RunAsync("--version"), StringComparison.Ordinal);
        Assert.Contains("zookeeper", await RunAsync("--help"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_installed_command_makes_a_cluster()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        await RunAsync("cluster", "create", "orders", "--shard", "a=127.0.0.1:7001", "--shard", "b=127.0.0.1:7002", "--zookeeper", server.ConnectString);
        await using var manager = await ZKManager.ConnectAsync(new ZKConnectorOptions { ZKServers = server.ConnectString });

        Assert.Equal(["a", "b"], (await manager.GetClusterAsync("orders")).Shards.Select(static shard => shard.Name));
        Assert.Contains("orders", await RunAsync("cluster", "list", "--zookeeper", server.ConnectString), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_installed_command_brings_the_servers_of_its_demo()
    {
        var command = PackagesPage.Command("artifacts/tools/ringkeeper ");
        Assert.Equal(["artifacts/tools/ringkeeper", "demo"], command);

        Assert.Contains("Nothing stale and nothing wrong was read.", await RunAsync(command[1..]), StringComparison.Ordinal);
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        // The command finds a runtime that is not in the usual place by this variable.
        var runtime = new DirectoryInfo(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory()).Parent!.Parent!.Parent!.FullName;
        return await QuietCommand.RunAsync(feed.Place, new Dictionary<string, string> { ["DOTNET_ROOT"] = runtime }, [Path.Combine(await feed.Tool, "ringkeeper"), .. arguments]);
    }
}
