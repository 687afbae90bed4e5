using Microsoft.Playwright;
using Xunit;

namespace RingKeeper.BrowserTests;

/// <summary>Debian's Chromium without a window; one for all tests of a class, each of which opens pages of its own.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = "/usr/bin/chromium", Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
    }

    /// <summary>Opens an empty page that notes whatever a page of ours must not do.</summary>
    internal async Task<WatchedPage> OpenAsync(BrowserNewContextOptions? options = null) => await WatchedPage.OpenAsync(await _browser!.NewContextAsync(options));

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
