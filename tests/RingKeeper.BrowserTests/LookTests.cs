using Microsoft.Playwright;
using RingKeeper.Tests.Dashboard;
using Xunit;
namespace RingKeeper.BrowserTests;
public sealed class LookTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Look()
    {
        Directory.CreateDirectory("/tmp/wt/look");
        foreach (var (name, state, w, h, dark) in new[]
        {
            ("healthy", PageStates.Healthy(), 1280, 900, false), ("dead", PageStates.OneDead(), 1280, 900, false), ("dark", PageStates.OneDead(), 1280, 900, true), ("brake", PageStates.BrakeOn(), 1280, 900, false),
            ("phone", PageStates.OneDead(), 390, 844, false), ("mixed12", PageStates.Mixed(12), 1280, 900, false), ("one", new PageStates { Shards = PageStates.Named(1) }.Build(), 1280, 900, false),
            ("hundred", PageStates.Mixed(100), 1600, 1000, false), ("wall", PageStates.OneDead(), 2560, 1440, true), ("none", new PageStates { Checkers = [], Decided = _ => null }.Build(), 1280, 900, false),
            ("tablet", PageStates.Mixed(5), 820, 1180, false),
        })
        {
            await using var host = await PageHost.StartAsync(state);
            host.Clusters = name == "mixed12" ? ["orders", "sessions", "carts"] : ["orders"];
            await using var page = await chromium.OpenAsync(new() { ViewportSize = new() { Width = w, Height = h }, ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light });
            await page.GoAsync(host.Address + (name is "dead" or "mixed12" ? "?key=user:42" : ""));
            await page.Page.Locator(".ago:not(:empty)").First.WaitForAsync(new() { State = WaitForSelectorState.Attached, Timeout = 1000 }).ContinueWith(_ => { });
            if (name == "mixed12") { await page.Page.Locator("#legend-3 summary").ClickAsync(); }
            await page.Page.ScreenshotAsync(new() { Path = $"/tmp/wt/look/{name}.png", FullPage = name is "phone" or "mixed12" or "tablet" });
            TestContext.Current.TestOutputHelper!.WriteLine($"{name} overflow {await page.OverflowAsync()} html {(await page.Page.ContentAsync()).Length}");
            try { page.MustBeClean(host.Origin); } catch (Exception e) { TestContext.Current.TestOutputHelper!.WriteLine(e.Message); }
        }
    }
}
