using System.Text.RegularExpressions;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The page of metrics, held to the instruments that the libraries make.</summary>
public sealed partial class MetricsPageTests
{
    private const int MatchTimeout = 10_000;

    [Fact]
    public async Task Every_instrument_stands_once_on_the_page_with_its_kind_and_nothing_else_does()
    {
        var rows = (await File.ReadAllLinesAsync(PageCode.PathOf("docs/metrics.md"), TestContext.Current.CancellationToken))
            .Where(static line => line.StartsWith("| `", StringComparison.Ordinal)).ToList();
        var made = Directory.EnumerateFiles(PageCode.PathOf("src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(static file => Makers().Matches(File.ReadAllText(file)))
            .Select(static made => (Kind: made.Groups["kind"].Value, Name: made.Groups["name"].Value))
            .ToList();

        Assert.True(made.Count >= 4, $"Only {made.Count} instruments are found: they are no longer made as expected.");
        Assert.Equal([], made.Where(instrument => !rows.Exists(row => row.StartsWith($"| `{instrument.Name}` | {Words(instrument.Kind)} |", StringComparison.Ordinal))));
        Assert.Equal(made.Select(static instrument => instrument.Name).Distinct().Order(StringComparer.Ordinal), rows.Select(static row => row.Split('`')[1]).Order(StringComparer.Ordinal));
    }

    private static string Words(string kind) => kind.Replace("Observable", "", StringComparison.Ordinal).Replace("UpDownCounter", "up-down counter", StringComparison.Ordinal).ToLowerInvariant();

    [GeneratedRegex("""\.Create(?<kind>(Observable)?(Counter|UpDownCounter|Gauge)|Histogram)(<\w+>)?\(\s*"(?<name>[^"]+)""", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Makers();
}
