using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.IntegrationTests.Servers;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The code of docs/caching-distributed.md, run as it stands there in the samples, and the samples themselves.</summary>
public sealed class CachingDistributedTests
{
    private const string Page = "docs/caching-distributed.md";

    [Fact]
    public void Every_line_of_code_on_the_page_is_run_by_a_sample_or_a_test() =>
        Assert.Equal([], PageCode.MissingLines(
            Page,
            line => line,
            "samples/Prices/Program.cs",
            "samples/FusionCacheBackplane/RingBackplane.cs",
            "tests/RingKeeper.IntegrationTests/Caching/HybridCacheSuite.cs"));

    [Fact]
    public void The_page_names_every_setting()
    {
        var page = File.ReadAllText(PageCode.PathOf(Page));
        var settings = typeof(CacheSettings).GetProperties().Where(p => p.Name != nameof(CacheSettings.Serializer)).Select(p => p.Name);

        Assert.Equal([], settings.Where(setting => !page.Contains($"| `{setting}` |", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Two_processes_of_the_sample_share_prices_and_drop_each_others()
    {
        await using var test = await RingKeeperTestCluster.StartAsync(new RingKeeperTestClusterOptions { ClusterName = "prices" });
        await using var here = await SampleProcess.StartAsync("Prices", $"--RingKeeper:ZKServers={test.ZKServers}");
        await using var there = await SampleProcess.StartAsync("Prices", $"--RingKeeper:ZKServers={test.ZKServers}");
        var price = await AgreeAsync(here, there, "/prices/tea", before: null);
        await here.SendAsync(HttpMethod.Delete, "/prices/tea");
        await AgreeAsync(here, there, "/prices/tea", before: price);

        price = await AgreeAsync(here, there, "/prices/milk", before: null);
        await there.SendAsync(HttpMethod.Delete, "/prices");
        await AgreeAsync(here, there, "/prices/milk", before: price);
    }

    [Fact]
    public async Task A_fusion_cache_of_the_sample_drops_what_another_one_has_replaced()
    {
        var bin = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        var sample = Path.Combine(bin.Parent!.Parent!.FullName, "FusionCacheBackplane", bin.Name, "FusionCacheBackplane.dll");

        Assert.Equal("here: new\nthere: nothing old\n", await SystemCommand.RunAsync("dotnet", "dotnet-sdk-10.0", sample));
    }

    // Both may read the list at once; what was written last is dropped near by the other. Each turn waits for the samples' answers.
    private static async Task<string> AgreeAsync(SampleProcess one, SampleProcess other, string path, string? before)
    {
        var soon = Cancel.Soon;
        while (true)
        {
            var (here, there) = (await one.GetAsync(path), await other.GetAsync(path));
            if (here == there && here != before)
            {
                return here;
            }

            Assert.False(soon.IsCancellationRequested, $"Here '{here}', there '{there}', before '{before}'.");
        }
    }
}
