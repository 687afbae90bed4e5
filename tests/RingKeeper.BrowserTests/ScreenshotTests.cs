using Microsoft.Playwright;
using RingKeeper.Dashboard;
using RingKeeper.Tests.Dashboard;
using Xunit;

namespace RingKeeper.BrowserTests;

/// <summary>
/// Looks at the main states in the windows that people have. With the variable <c>RINGKEEPER_SCREENSHOTS</c> set to a folder, the pictures are put there:
/// <c>RINGKEEPER_SCREENSHOTS=$PWD/docs/images dotnet test --project tests/RingKeeper.BrowserTests --filter-class "*ScreenshotTests"</c>.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class ScreenshotTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const int MostBytes = 120 * 1024;

    private static readonly string? Folder = Environment.GetEnvironmentVariable("RINGKEEPER_SCREENSHOTS");

    public static TheoryData<string, int, int, bool> Pictures => new()
    {
        { "dashboard-healthy", 1280, 900, false },
        { "dashboard-one-dead", 1280, 900, false },
        { "dashboard-one-dead-dark", 1280, 900, true },
        { "dashboard-brake", 1280, 900, false },
        { "dashboard-phone", 390, 844, false },
    };

    [Theory]
    [MemberData(nameof(Pictures))]
    public async Task A_picture_of_each_main_state_is_small_and_nothing_sticks_out(string name, int width, int height, bool dark)
    {
        await using var host = await PageHost.StartAsync(StateOf(name));
        await using var page = await chromium.OpenAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce });
        await page.GoAsync(host.Address);
        await page.Page.Locator(".ago:not(:empty)").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });

        var picture = await page.Page.ScreenshotAsync(new() { Type = ScreenshotType.Jpeg, Quality = 50 });

        Assert.Equal(0, await page.OverflowAsync());
        Assert.InRange(picture.Length, 1, MostBytes);
        page.MustBeClean(host.Origin);
        if (Folder is { Length: > 0 })
        {
            Directory.CreateDirectory(Folder);
            await File.WriteAllBytesAsync(Path.Combine(Folder, $"{name}.jpg"), picture, TestContext.Current.CancellationToken);
        }
    }

    private static DashboardState StateOf(string name) => name switch
    {
        "dashboard-healthy" => PageStates.Healthy(),
        "dashboard-brake" => PageStates.BrakeOn(),
        _ => PageStates.OneDead(),
    };
}
