using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace RingKeeper.IntegrationTests.Docs;

/// <summary>The page of metrics, spans and log events, held to what the libraries make.</summary>
public sealed partial class MetricsPageTests
{
    private const int MatchTimeout = 10_000;
    private const string Page = "docs/metrics.md";

    private static IEnumerable<(string File, string Text)> Sources =>
        Directory.EnumerateFiles(PageCode.PathOf("src"), "*.cs", SearchOption.AllDirectories).Select(static file => (file, File.ReadAllText(file)));

    [Fact]
    public async Task Every_instrument_stands_once_on_the_page_with_its_kind_and_nothing_else_does()
    {
        var rows = (await File.ReadAllLinesAsync(PageCode.PathOf(Page), TestContext.Current.CancellationToken))
            .Where(static line => InstrumentRow().IsMatch(line)).ToList();
        var made = Sources
            .SelectMany(static source => Makers().Matches(source.Text).Select(made => (
                OfZooKeeper: source.File.Contains("/RingKeeper.ZooKeeper/", StringComparison.Ordinal), Kind: made.Groups["kind"].Value, Name: made.Groups["name"].Value)))
            .ToList();

        Assert.True(made.Count >= 20, $"Only {made.Count} instruments are found: they are no longer made as expected.");
        Assert.Equal([], made.Where(instrument => !rows.Exists(row => row.StartsWith($"| `{instrument.Name}` | {Words(instrument.Kind)} |", StringComparison.Ordinal))));

        // One name may stand on both meters.
        Assert.Equal(
            made.Select(static instrument => (instrument.OfZooKeeper, instrument.Name)).Distinct().Select(static instrument => instrument.Name).Order(StringComparer.Ordinal),
            rows.Select(static row => row.Split('`')[1]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_tag_stands_on_the_page_and_no_tag_there_is_made_up()
    {
        var page = await File.ReadAllTextAsync(PageCode.PathOf(Page), TestContext.Current.CancellationToken);
        var named = Tags().Matches(page).Select(static tag => tag.Groups["tag"].Value).ToHashSet(StringComparer.Ordinal);
        var used = Sources.SelectMany(static source => Literals().Matches(source.Text)).Select(static tag => tag.Groups["tag"].Value).ToHashSet(StringComparer.Ordinal);

        Assert.True(used.Count >= 20, $"Only {used.Count} tags are found: they are no longer written as expected.");
        Assert.Equal(used.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_log_event_is_in_one_range_of_the_page_and_no_range_is_empty()
    {
        var ranges = (await File.ReadAllLinesAsync(PageCode.PathOf(Page), TestContext.Current.CancellationToken))
            .Select(static line => EventRow().Match(line)).Where(static row => row.Success)
            .Select(static row => (First: Number(row.Groups["first"]), Last: Number(row.Groups["last"]))).ToList();
        var events = Sources.SelectMany(static source => Events().Matches(source.Text)).Select(static id => Number(id.Groups["id"])).ToList();

        Assert.True(events.Count > 100, $"Only {events.Count} events are found: they are no longer written as expected.");
        Assert.Equal([], events.Where(id => ranges.Count(range => id >= range.First && id <= range.Last) != 1));
        Assert.Equal([], ranges.Where(range => !events.Exists(id => id >= range.First && id <= range.Last)));
    }

    private static int Number(Group digits) => int.Parse(digits.Value, CultureInfo.InvariantCulture);

    private static string Words(string kind) => kind.Replace("Observable", "", StringComparison.Ordinal).Replace("UpDownCounter", "up-down counter", StringComparison.Ordinal).ToLowerInvariant();

    [GeneratedRegex("""\.Create(?<kind>(Observable)?(Counter|UpDownCounter|Gauge)|Histogram)(<\w+>)?\(\s*"(?<name>[^"]+)""", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Makers();

    [GeneratedRegex("""^\| `[a-z_.]+` \| (counter|up-down counter|gauge|histogram) \|""", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex InstrumentRow();

    [GeneratedRegex("""`(?<tag>(db|error|server|ringkeeper|zookeeper)\.[a-z_.]+)`""", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Tags();

    [GeneratedRegex("\"(?<tag>(db|error|server|ringkeeper|zookeeper)\\.[a-z_.]+)\"", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Literals();

    [GeneratedRegex("""^\| (?<first>\d+) to (?<last>\d+) \|""", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex EventRow();

    [GeneratedRegex("""LoggerMessage\((EventId = )?(?<id>\d+)""", RegexOptions.ExplicitCapture, MatchTimeout)]
    private static partial Regex Events();
}
