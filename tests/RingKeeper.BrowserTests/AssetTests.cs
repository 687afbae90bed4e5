using RingKeeper.Dashboard;
using Xunit;

namespace RingKeeper.BrowserTests;

/// <summary>What the page brings along. Quick, so that a quick run has a test of this project.</summary>
public sealed class AssetTests
{
    [Theory]
    [InlineData("dashboard.css", 16_000)]
    [InlineData("dashboard.js", 8_000)]
    [InlineData("dashboard.svg", 1_000)]
    public void Style_script_and_icon_are_small_and_refer_to_nothing_elsewhere(string name, int most)
    {
        using var reader = new StreamReader(typeof(Page).Assembly.GetManifestResourceStream(name)!);
        var text = reader.ReadToEnd();

        Assert.InRange(text.Length, 1, most);
        Assert.DoesNotContain("//", text.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal).Replace("    // ", "", StringComparison.Ordinal).Replace("  // ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("@import", text, StringComparison.Ordinal);
        Assert.DoesNotContain("eval(", text, StringComparison.Ordinal);
    }
}
