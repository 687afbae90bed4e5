using RingKeeper.IntegrationTests.Docs;
using Xunit;

namespace RingKeeper.IntegrationTests.Packages;

/// <summary>The project tests/Consumer, which has nothing of the repository but its packages.</summary>
[Collection(PackagesCollection.Name)]
[Trait("Speed", "Slow")]
[Trait("Run", "Alone")]
public sealed class ConsumerTests(PackedFeed feed)
{
    [Fact]
    public async Task The_readmes_code_runs_on_packages_alone()
    {
        var output = await feed.Consumer;

        Assert.EndsWith("5 of 5 checks hold\n", output, StringComparison.Ordinal);
        Assert.Contains("order:1000 is on shard", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_consumers_code_is_the_readmes()
    {
        var code = PageCode.Blocks("README.md", "csharp")[0].Select(static line => line.Replace("\"zk1:2181,zk2:2181,zk3:2181\"", "servers", StringComparison.Ordinal)).ToList();

        Assert.True(code.Count > 20);
        Assert.Contains(string.Join('\n', code), File.ReadAllText(PageCode.PathOf("tests/Consumer/Program.cs")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_consumer_refers_to_packages_alone()
    {
        var project = File.ReadAllText(Path.Combine(feed.ConsumerProject, "Consumer.csproj"));

        Assert.Contains("<PackageReference Include=\"RingKeeper.", project, StringComparison.Ordinal);
        Assert.All(["ProjectReference", "<Reference", "<Import", "Compile Include"], word => Assert.DoesNotContain(word, project, StringComparison.Ordinal));
    }
}
