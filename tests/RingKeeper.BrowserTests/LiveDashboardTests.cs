using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.Playwright;
using RingKeeper.Dashboard;
using RingKeeper.IntegrationTests;
using RingKeeper.IntegrationTests.Coordination;
using RingKeeper.ZooKeeper;
using Xunit;

namespace RingKeeper.BrowserTests;

/// <summary>The page of a cluster of real servers, in a real browser.</summary>
[Trait("Speed", "Slow")]
[Trait("Run", "Alone")]
public sealed class LiveDashboardTests(RealDashboard dashboard, Chromium chromium) : IClassFixture<RealDashboard>, IClassFixture<Chromium>
{
    private const string Attack = "\"><script>alert(1)</script><img src=x onerror=alert(2)></title>\u202e";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    // What checkers at 100 ms and 300 ms are given of it. What they take longer, on a machine that is busy, the page cannot make good: it still has the rest, from the decision on.
    private static readonly TimeSpan CheckersPart = TimeSpan.FromMilliseconds(500);

    // Resolves at the first change after which a part holds the text.
    private const string Await =
        """
        ([id, text]) => new Promise(resolve => {
          const state = document.getElementById(id);
          const look = () => { if (state.textContent.includes(text)) { observer.disconnect(); resolve(state.textContent); } };
          const observer = new MutationObserver(look);
          observer.observe(state, { subtree: true, childList: true, characterData: true });
          look();
        })
        """;

    [Fact]
    public async Task A_killed_shard_is_dead_on_the_page_within_a_second_and_alive_again_after_its_restart()
    {
        await using var page = await chromium.OpenAsync();
        await page.GoAsync(Page.AddressOf(dashboard.Origin + "/ringkeeper", "c1"));
        await ShowsAsync(page, "state", "3 of 3 shards serve");
        await Views.WaitAsync(dashboard.Client, Views.AllAlive);
        var time = TimeProvider.System;
        var decided = Views.WaitAsync(dashboard.Client, Views.IsDead("shard2"));
        var shown = ShowsAsync(page, "state", "shard2 is dead");
        var start = time.GetTimestamp();
        var toDecision = decided.ContinueWith(_ => time.GetElapsedTime(start), TestContext.Current.CancellationToken);

        await dashboard.Stack.Shards["shard2"].KillAsync();
        var sentence = await shown;
        var toPage = time.GetElapsedTime(start);
        var decision = await toDecision;
        RunReport.Write([string.Create(CultureInfo.InvariantCulture, $"Dashboard, redis-server killed, checkers at 100 ms and 300 ms: decision reached a client after {decision.TotalMilliseconds:0} ms, the page in Chromium after {toPage.TotalMilliseconds:0} ms")]);

        Assert.Contains("shard1 and shard3 serve its keys", sentence, StringComparison.Ordinal);
        await Expect(page.Page.Locator("#shard-1 .look")).ToHaveTextAsync("dead");
        await Expect(page.Page.Locator("#alarms li[data-code=dead]")).ToContainTextAsync("Critical: shard shard2 is dead");
        await Expect(page.Page.Locator("#timeline .events > li.bad").First).ToContainTextAsync("shard2");
        await Expect(page.Page.Locator(".arc[data-shard='1'].away")).ToHaveCountAsync(1);
        Assert.InRange(toPage, TimeSpan.Zero, Limit + TimeSpan.FromTicks(Math.Max(0, (decision - CheckersPart).Ticks)));

        var back = ShowsAsync(page, "state", "3 of 3 shards serve");
        await dashboard.Stack.Shards["shard2"].RestartAsync();
        await back;
        await Expect(page.Page.Locator("#shard-1 .look")).ToHaveTextAsync("alive");
        page.MustBeClean(dashboard.Origin);
    }

    [Fact]
    public async Task A_page_is_light_asks_nothing_of_others_and_comes_under_a_strict_policy()
    {
        await using var page = await chromium.OpenAsync();
        var response = await page.GoAsync($"{dashboard.Origin}/ringkeeper/");
        await ShowsAsync(page, "state", "leads");

        Assert.Equal(Page.AddressOf(dashboard.Origin + "/ringkeeper", "c1"), page.Page.Url);
        Assert.Equal(PageHost.Policy, response.Headers["content-security-policy"]);
        Assert.Equal(("nosniff", "no-referrer"), (response.Headers["x-content-type-options"], response.Headers["referrer-policy"]));
        using var http = new HttpClient();
        var weights = new List<(string Name, int Bytes)>();
        foreach (var address in new[] { page.Page.Url, $"{dashboard.Origin}/ringkeeper/assets/dashboard.css", $"{dashboard.Origin}/ringkeeper/assets/dashboard.js", $"{dashboard.Origin}/ringkeeper/assets/dashboard.svg" })
        {
            weights.Add((new Uri(address).Segments[^1], (await http.GetByteArrayAsync(new Uri(address), Cancel.Soon)).Length));
        }

        RunReport.Write([$"Dashboard, weight without compression: {string.Join(", ", weights.Select(static one => $"{one.Name} {one.Bytes / 1000.0:0.0} kB"))}; {weights.Sum(static one => one.Bytes) / 1000.0:0.0} kB in all"]);
        Assert.InRange(weights.Sum(static one => one.Bytes), 1, 100_000);
        page.MustBeClean(dashboard.Origin);
    }

    [Fact]
    public async Task Hostile_names_of_clusters_shards_and_checkers_do_nothing()
    {
        // One step of a path holds no slash.
        const string name = "\"><img src=x onerror=alert(3)>";
        var zooKeeper = await dashboard.Stack.ConnectToZooKeeperAsync();
        Shard[] shards = [new(Attack, dashboard.Stack.Shards["shard1"].Addr), new("'><svg onload=alert(4)>", "127.0.0.1:1"), new(new string('W', 128), "127.0.0.1:2"), new("🦊👩‍👩‍👧 ولد", "127.0.0.1:3")];
        var statuses = shards.ToImmutableDictionary(static shard => shard.Addr, static shard => new ShardStatus(shard.Addr, true, 1_700_000_000_000_000) { RunId = Attack, Role = "master" });
        var votes = shards.ToDictionary(static shard => shard.Addr, static shard => new VoteEntry(new ShardStatus(shard.Addr, false, 1) { RunId = Attack }) { Seen = 1, Checker = Attack, Error = Attack, Suppressed = Attack });
        foreach (var (path, data) in new[]
        {
            (ZKPaths.Cluster(name), ZNodeCodec.EncodeStamp(1_600_000_000_000_000)), (ZKPaths.Shards(name), ZNodeCodec.EncodeShards(shards)), (ZKPaths.Options(name), ZNodeCodec.EncodeOptions(new ZKClusterOptions())),
            (ZKPaths.Status(name), ZNodeCodec.EncodeStatuses(statuses)), (ZKPaths.LocalStatus(name), Encoding.ASCII.GetBytes("x")),
        })
        {
            await zooKeeper.CreateAsync(path, data, cancellationToken: Cancel.Soon);
        }

        await zooKeeper.CreateAsync(ZKPaths.Vote(name, "n_"), ZNodeCodec.EncodeVote(votes), CreateMode.EphemeralSequential, cancellationToken: Cancel.Soon);
        await using var client = await ZKCluster.ConnectAsync(dashboard.Stack.ConnectorOptions(), name, cancellationToken: Cancel.Soon);
        var origin = await dashboard.ServeAsync(client, dashboard.Client);

        foreach (var width in new[] { 390, 1280 })
        {
            await using var page = await chromium.OpenAsync(new() { ViewportSize = new() { Width = width, Height = 900 } });
            await page.GoAsync($"{Page.AddressOf(origin + "/ringkeeper", name)}?key={Uri.EscapeDataString(Attack)}");
            await ShowsAsync(page, "state", "leads");

            // A change comes live, with names in it too.
            var drained = ShowsAsync(page, "shards", "to be drained");
            await zooKeeper.SetDataAsync(ZKPaths.Shards(name), ZNodeCodec.EncodeShards([shards[0] with { Drained = true }, .. shards.Skip(1)]), cancellationToken: Cancel.Soon);
            await zooKeeper.SetDataAsync(ZKPaths.Cluster(name), ZNodeCodec.EncodeStamp(1_600_000_001_000_000 + width), cancellationToken: Cancel.Soon);
            await drained;

            Assert.Equal(0, await page.Page.Locator("img, script:not([src]), svg[onload]").CountAsync());
            Assert.Equal(name, await page.Page.Locator("h1").TextContentAsync());
            Assert.Contains("<script>alert(1)</script><img src=x onerror=alert(2)></title>\uFFFD", await page.Page.Locator("#shard-0 .called bdi").First.TextContentAsync(), StringComparison.Ordinal);
            Assert.Equal(4, await page.Page.Locator("#shards tbody tr[data-shard]").CountAsync());
            Assert.Equal(0, await page.OverflowAsync());
            page.MustBeClean(origin);
            await zooKeeper.SetDataAsync(ZKPaths.Shards(name), ZNodeCodec.EncodeShards(shards), cancellationToken: Cancel.Soon);
            await zooKeeper.SetDataAsync(ZKPaths.Cluster(name), ZNodeCodec.EncodeStamp(1_600_000_002_000_000 + width), cancellationToken: Cancel.Soon);
        }
    }

    private static Task<string> ShowsAsync(WatchedPage page, string part, string text) => page.Page.EvaluateAsync<string>(Await, new[] { part, text });

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}
