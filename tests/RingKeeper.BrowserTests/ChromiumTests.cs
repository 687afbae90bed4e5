using Microsoft.Playwright;
using Xunit;

namespace RingKeeper.BrowserTests;

/// <summary>The browser itself.</summary>
public sealed class ChromiumTests
{
    [Fact]
    public async Task Chromium_starts_and_shows_a_page()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = "/usr/bin/chromium", Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
        var page = await browser.NewPageAsync();
        await page.SetContentAsync("<title>here</title>");
        Assert.Equal("here", await page.TitleAsync());
    }
}
