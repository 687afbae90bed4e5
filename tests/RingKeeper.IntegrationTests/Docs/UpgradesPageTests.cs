using System.Text.RegularExpressions;
using System.Xml.Linq;
using RingKeeper.IntegrationTests.Cli;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The commands of docs/upgrades.md, run in their order, and the versions that it and docs/support.md name.</summary>
public sealed partial class UpgradesPageTests
{
    private const string Page = "docs/upgrades.md";

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task The_commands_take_a_shard_out_and_put_it_back()
    {
        using var folder = new TemporaryFolder("upgrades");
        var file = folder.Combine("orders.yaml");
        await using var stack = new EmbeddedStack();
        await stack.StartEmptyAsync();
        Shard[] shards = [await stack.StartShardAsync("a"), await stack.StartShardAsync("b")];
        await stack.Manager.CreateClusterAsync("orders", shards, new ZKClusterOptions { ExpectedCheckers = 1 }, Cancel.Soon);
        await using var checker = await ZKChecker.ConnectAsync(new ZKCheckerOptions { ZKServers = stack.ZKServers, ClusterName = "orders" }, Cancel.Soon);
        await checker.StartAsync(Cancel.Soon);
        await using var client = await ZKCluster.ConnectAsync(stack.ConnectorOptions(), "orders", cancellationToken: Cancel.Soon);
        await Views.WaitAsync(client, Views.AllAlive);
        var commands = PageCode.Blocks(Page, "sh").SelectMany(static block => block).ToList();
        foreach (var command in commands)
        {
            if (command.StartsWith("redis-cli ", StringComparison.Ordinal))
            {
                await Views.WaitAsync(client, Views.IsDead("b"));
                await stack.Shards["b"].KillAsync();
                await stack.Shards["b"].RestartAsync();
                continue;
            }

            var (line, output) = command.Split(" > ") is [var before, _] ? (before, file) : (command, null);
            var (code, text, error) = await new CliCommand(stack.ZKServers).RunAsync(line.Replace("orders.yaml", file, StringComparison.Ordinal).Split(' ')[1..]);
            Assert.True(code == 0, $"{command}: {error}");
            await File.WriteAllTextAsync(output ?? folder.Combine("out"), text, TestContext.Current.CancellationToken);
        }

        Assert.Equal(7, commands.Count);
        await Views.WaitAsync(client, Views.AllAlive);
    }

    [Fact]
    public async Task The_versions_named_are_those_that_are_tested()
    {
        var pins = XDocument.Load(PageCode.PathOf("Directory.Packages.props")).Descendants("PackageVersion").ToDictionary(static pin => (string)pin.Attribute("Include")!, static pin => (string)pin.Attribute("Version")!);
        var redis = RedisVersion().Match(await SystemCommand.RunAsync("redis-server", "redis-server", "--version")).Groups["version"].Value;
        var support = await File.ReadAllTextAsync(PageCode.PathOf("docs/support.md"), TestContext.Current.CancellationToken);

        Assert.Contains($"| StackExchange.Redis | {pins["StackExchange.Redis"]} |", support, StringComparison.Ordinal);
        Assert.Contains($"| Garnet | {pins["Microsoft.Garnet"]} |", support, StringComparison.Ordinal);
        Assert.Contains($"| Redis | {redis} |", support, StringComparison.Ordinal);
        Assert.Contains($"| .NET | {Environment.Version.Major}.0 |", support, StringComparison.Ordinal);
        Assert.Contains($"| Apache ZooKeeper | {ZooKeeperVersion()}, ", support, StringComparison.Ordinal);
        Assert.Contains($"<PackageReference Include=\"StackExchange.Redis\" Version=\"{pins["StackExchange.Redis"]}\" />", PageCode.Blocks(Page, "xml").SelectMany(static block => block));
    }

    // Debian's jar bears its version in the name of a link beside it.
    private static string ZooKeeperVersion() =>
        Directory.EnumerateFiles("/usr/share/java", "zookeeper-*.jar").Select(static file => JarVersion().Match(Path.GetFileName(file))).Single(static match => match.Success).Groups["version"].Value;

    [GeneratedRegex(@" v=(?<version>[\d.]+) ", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex RedisVersion();

    [GeneratedRegex(@"^zookeeper-(?<version>[\d.]+)\.jar$", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex JarVersion();
}
