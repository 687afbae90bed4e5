using Microsoft.Playwright;
using RingKeeper.Tests.Dashboard;
using Xunit;

namespace RingKeeper.BrowserTests;

/// <summary>What the page does in the hands of people, with states that are put in.</summary>
[Trait("Speed", "Slow")]
public sealed class PageBehaviourTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Without_JavaScript_everything_is_shown_and_refreshed()
    {
        await using var host = await PageHost.StartAsync(PageStates.Healthy());
        await using var page = await chromium.OpenAsync(new() { JavaScriptEnabled = false });
        await page.GoAsync($"{host.Address}?key=user:42");
        await Expect(page.Page.Locator("#state")).ToContainTextAsync("3 of 3 shards serve");
        await Expect(page.Page.Locator("#shards tbody tr")).ToHaveCountAsync(3);
        await Expect(page.Page.Locator("#key-place dd").Nth(1)).ToContainTextAsync("shard");
        await page.Page.Locator("#legend-1 summary").ClickAsync();
        await Expect(page.Page.Locator("#legend-1 dl")).ToContainTextAsync("serves now");

        host.Show(PageStates.OneDead());

        await Expect(page.Page.Locator("#state")).ToContainTextAsync("shard2 is dead", new() { Timeout = 15_000 });
        Assert.EndsWith("?key=user:42", page.Page.Url, StringComparison.Ordinal);
        page.MustBeClean(host.Origin);
    }

    [Fact]
    public async Task Everything_that_is_read_or_opened_stays_as_it_is_when_the_page_changes()
    {
        await using var host = await PageHost.StartAsync(PageStates.Healthy());
        await using var page = await chromium.OpenAsync();
        await page.GoAsync(host.Address);
        await page.Page.Locator("#timeline details summary").First.ClickAsync();
        var opened = await page.Page.Locator("#timeline details[open]").GetAttributeAsync("id");
        await page.Page.Locator("#key-text").FillAsync("half typ");
        await page.Page.EvaluateAsync("window.row = document.querySelector('#shard-0'); window.scrollTo(0, 200)");

        host.Show(PageStates.OneDead());

        await Expect(page.Page.Locator("#state")).ToContainTextAsync("shard2 is dead");
        await Expect(page.Page.Locator("#timeline details[open]")).ToHaveCountAsync(1);
        Assert.Equal(opened, await page.Page.Locator("#timeline details[open]").GetAttributeAsync("id"));
        await Expect(page.Page.Locator("#key-text")).ToHaveValueAsync("half typ");
        await Expect(page.Page.Locator("#key-text")).ToBeFocusedAsync();
        Assert.True(await page.Page.EvaluateAsync<bool>("window.row === document.querySelector('#shard-0') && window.scrollY >= 200"));
        page.MustBeClean(host.Origin);
    }

    [Fact]
    public async Task The_keyboard_reaches_each_shard_and_shows_its_numbers()
    {
        await using var host = await PageHost.StartAsync(PageStates.OneDead());
        await using var page = await chromium.OpenAsync();
        await page.GoAsync(host.Address);
        await page.Page.Keyboard.PressAsync("Tab");
        await Expect(page.Page.Locator(".skip")).ToBeFocusedAsync();
        foreach (var shard in new[] { "0", "1", "2" })
        {
            await page.Page.Keyboard.PressAsync("Tab");
            await Expect(page.Page.Locator($"#legend-{shard} summary")).ToBeFocusedAsync();
            await Expect(page.Page.Locator($".told[data-shard='{shard}']")).ToBeVisibleAsync();
            await Expect(page.Page.Locator(".told.whole")).ToBeHiddenAsync();
            Assert.NotEqual("none", await page.Page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
            await page.Page.Keyboard.PressAsync("Enter");
            await Expect(page.Page.Locator($"#legend-{shard} dl")).ToContainTextAsync(shard == "1" ? "serves now0.0 %" : "serves now");
        }

        page.MustBeClean(host.Origin);
    }

    [Fact]
    public async Task Pointer_and_finger_find_a_shard_on_the_ring()
    {
        await using var host = await PageHost.StartAsync(PageStates.OneDead());
        await using var page = await chromium.OpenAsync(new() { HasTouch = true });
        await page.GoAsync(host.Address);
        await page.Page.EvaluateAsync("document.querySelector('.ring').scrollIntoView({ block: 'center' })");
        var point = await page.Page.EvaluateAsync<float[]>(
            """
            () => {
              const box = document.querySelector('.ring').getBoundingClientRect();
              for (let a = 0; a < 7; a += 0.01) {
                const x = box.x + box.width * (0.5 + 0.385 * Math.cos(a)), y = box.y + box.height * (0.5 + 0.385 * Math.sin(a));
                if (document.elementFromPoint(x, y)?.closest('[data-shard]')?.dataset.shard === '2') return [x, y];
              }
              return [0, 0];
            }
            """);
        await page.Page.Mouse.MoveAsync(point[0], point[1]);
        await Expect(page.Page.Locator(".told[data-shard='2']")).ToBeVisibleAsync();
        await page.Page.Mouse.MoveAsync(1, 1);
        await Expect(page.Page.Locator(".told.whole")).ToBeVisibleAsync();

        await page.Page.Touchscreen.TapAsync(point[0], point[1]);
        await Expect(page.Page.Locator(".told[data-shard='2']")).ToBeVisibleAsync();
        host.Show(PageStates.Healthy());
        await Expect(page.Page.Locator("#state")).ToContainTextAsync("3 of 3 shards serve");
        await Expect(page.Page.Locator(".told[data-shard='2']")).ToBeVisibleAsync();
        page.MustBeClean(host.Origin);
    }

    [Fact]
    public async Task A_key_that_is_typed_in_is_placed_and_marked_and_stays_while_the_page_changes()
    {
        await using var host = await PageHost.StartAsync(PageStates.Healthy());
        await using var page = await chromium.OpenAsync();
        await page.GoAsync(host.Address);
        await page.Page.Locator("#key-text").FillAsync("user:42");
        await page.Page.Locator("#key-text").PressAsync("Enter");
        await Expect(page.Page.Locator(".mark")).ToHaveCountAsync(1);
        var place = KeyPlace.Of(PageStates.Healthy().View!, "user:42");
        await Expect(page.Page.Locator("#key-place")).ToContainTextAsync($"owner{place.Owner[^1]}{place.Owner}");

        host.Show(new PageStates { Decided = shard => $"shard{shard + 1}" != place.Owner, Says = (_, shard) => $"shard{shard + 1}" != place.Owner }.Build());

        await Expect(page.Page.Locator("#key-place")).ToContainTextAsync($"served by{place.Order[1][^1]}{place.Order[1]}");
        await Expect(page.Page.Locator("#key-text")).ToHaveValueAsync("user:42");
        page.MustBeClean(host.Origin);
    }

    [Fact]
    public async Task A_lost_connection_is_told_and_comes_back_by_itself()
    {
        await using var host = await PageHost.StartAsync(PageStates.Healthy());
        await using var page = await chromium.OpenAsync();
        page.Expected = static line => line.Contains("net::ERR_", StringComparison.Ordinal) || line.Contains("503", StringComparison.Ordinal) || line.Contains("EventSource", StringComparison.Ordinal);
        await page.GoAsync(host.Address);
        await Expect(page.Page.Locator("#live")).ToBeHiddenAsync();

        await host.CutAsync();
        await Expect(page.Page.Locator("#live")).ToContainTextAsync("Not live since ");

        host.Show(PageStates.OneDead());
        host.Mend();
        await Expect(page.Page.Locator("#state")).ToContainTextAsync("shard2 is dead", new() { Timeout = 15_000 });
        await Expect(page.Page.Locator("#live")).ToBeHiddenAsync();
        page.MustBeClean(host.Origin);
    }

    [Fact]
    public async Task A_connection_that_is_silent_for_long_is_opened_anew()
    {
        await using var host = await PageHost.StartAsync(PageStates.Healthy());
        await using var page = await chromium.OpenAsync();
        await page.Page.Clock.InstallAsync();
        await page.GoAsync(host.Address);
        await Expect(page.Page.Locator(".ago:not(:empty)").First).ToBeAttachedAsync();
        var again = page.Page.WaitForRequestAsync(static request => request.Url.EndsWith("/live", StringComparison.Ordinal));

        await page.Page.Clock.FastForwardAsync(20_000);

        await again;
        await Expect(page.Page.Locator("#live")).ToBeHiddenAsync();
        page.MustBeClean(host.Origin);
    }

    [Fact]
    public async Task It_is_dark_where_dark_is_asked_for()
    {
        await using var host = await PageHost.StartAsync(PageStates.Healthy());
        foreach (var (scheme, dark) in new[] { (ColorScheme.Dark, true), (ColorScheme.Light, false) })
        {
            await using var page = await chromium.OpenAsync(new() { ColorScheme = scheme });
            await page.GoAsync(host.Address);
            var red = await page.Page.EvaluateAsync<int>("Number(getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/)[0])");
            Assert.Equal(dark, red < 64);
        }
    }

    [Theory]
    [InlineData(320, 1)]
    [InlineData(390, 12)]
    [InlineData(820, 12)]
    [InlineData(1280, 100)]
    [InlineData(2560, 12)]
    public async Task Nothing_sticks_out_of_any_window(int width, int shards)
    {
        await using var host = await PageHost.StartAsync(PageStates.Mixed(shards));
        await using var page = await chromium.OpenAsync(new() { ViewportSize = new() { Width = width, Height = 900 } });
        await page.GoAsync($"{host.Address}?key=user:42");
        await Expect(page.Page.Locator("#shards tbody tr[data-shard]")).ToHaveCountAsync(shards);
        Assert.Equal(0, await page.OverflowAsync());
        page.MustBeClean(host.Origin);
    }

    [Fact]
    public async Task A_screen_reader_finds_landmarks_headings_headers_of_tables_and_words_for_pictures()
    {
        await using var host = await PageHost.StartAsync(PageStates.OneDead());
        host.Clusters = ["orders", "sessions"];
        foreach (var width in new[] { 1280, 390 })
        {
            await using var page = await chromium.OpenAsync(new() { ViewportSize = new() { Width = width, Height = 900 } });
            await page.GoAsync(host.Address);
            var tree = await page.Page.Locator("body").AriaSnapshotAsync();
            foreach (var line in new[]
            {
                "- heading \"orders\" [level=1]", "- navigation \"Clusters\"", "- main:", "- status:", "shard2 is dead since 03:11:25; shard1 and shard3 serve its keys", "- region \"Shards\"", "- heading \"Shards\" [level=2]",
                "- table \"Shards\"", "- columnheader \"Votes\"", "- rowheader \"2 shard2", "- table \"Checkers\"", "- img \"The ring of orders\"", "img \"round trips: ", "- textbox \"Key\"", "- button \"Find\"",
            })
            {
                Assert.Contains(line, tree, StringComparison.Ordinal);
            }
        }
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}
