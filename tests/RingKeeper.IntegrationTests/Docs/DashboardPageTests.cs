using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RingKeeper.IntegrationTests.Coordination;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The code of docs/dashboard.md, run.</summary>
public sealed class DashboardPageTests
{
    [Trait("Speed", "Slow")]
    [Fact]
    public async Task The_pages_code_serves_a_page()
    {
        await using var stack = new EmbeddedStack();
        await stack.StartEmptyAsync();
        var shard = await stack.StartShardAsync("a");
        await stack.Manager.CreateClusterAsync("orders", [shard], new ZKClusterOptions(), Cancel.Soon);
        var servers = stack.ZKServers;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");

        builder.Services.AddRingKeeper(options => (options.ZKServers, options.ClusterName) = (servers, "orders"));
        var app = builder.Build();
        app.MapRingKeeperDashboard("/ringkeeper");

        await using (app)
        {
            await app.StartAsync(Cancel.Soon);
            using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
            using var page = await http.GetAsync(new Uri("/ringkeeper/", UriKind.Relative), Cancel.Soon);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Assert.Equal("/ringkeeper/clusters/orders", page.RequestMessage!.RequestUri!.AbsolutePath);
            Assert.Contains("orders", await page.Content.ReadAsStringAsync(Cancel.Soon), StringComparison.Ordinal);
            await app.StopAsync(Cancel.Soon);
        }
    }

    [Fact]
    public void The_code_of_the_page_and_of_the_package_is_the_one_that_is_run()
    {
        var compiled = File.ReadAllLines(PageCode.PathOf("tests/RingKeeper.IntegrationTests/Docs/DashboardPageTests.cs")).Select(static line => line.Trim()).ToHashSet();

        Assert.Equal([], PageCode.Blocks("docs/dashboard.md", "csharp")[0].Concat(PageCode.Blocks("src/RingKeeper.Dashboard/PACKAGE.md", "csharp")[0]).Select(static line => line.Trim()).Except(compiled));
    }
}
