using System.Text;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Embedded;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The code of docs/zookeeper-client.md, run as it stands there but for the address.</summary>
public sealed class ZooKeeperClientPageTests
{
    [Fact]
    public void Every_line_of_code_on_the_page_stands_in_this_file() =>
        Assert.Equal(
            [],
            PageCode.MissingLines(
                "docs/zookeeper-client.md",
                static line => line.Replace("\"127.0.0.1:2181\"", "servers", StringComparison.Ordinal),
                "tests/RingKeeper.IntegrationTests/Docs/ZooKeeperClientPageTests.cs"));

    [Fact]
    public async Task The_first_program_tells_the_change()
    {
        await using var server = await EmbeddedZooKeeperServer.StartAsync();
        var servers = server.ConnectString;
        var told = "";

        await using var client = await ZooKeeperClient.ConnectAsync(servers);
        var created = await client.CreateWithStatAsync("/greeting", "hello"u8.ToArray(), CreateMode.Ephemeral);
        await using var subscription = await client.WatchAsync(created.Path, WatchMode.Persistent);
        await client.SetDataAsync(created.Path, "hello again"u8.ToArray(), created.Stat.Version);
        await foreach (var change in subscription.ReadAllAsync())
        {
            // An event carries no data: read the znode.
            var node = await client.GetDataAsync(change.Path);
            Console.WriteLine($"{change.Type} {Encoding.UTF8.GetString(node.Data)}");
            told = $"{change.Type} {Encoding.UTF8.GetString(node.Data)}";
            break;
        }

        Assert.Equal("NodeDataChanged hello again", told);
    }
}
